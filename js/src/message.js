/** One message on the page. Only what changed in it is touched. */

import { plainText } from "./content.js";
import { element, growingText } from "./dom.js";
import { growingMarkdown } from "./markdown.js";
import { createReasoning } from "./reasoning.js";
import { createStatus } from "./status.js";
import { createToolCalls } from "./tool_calls.js";

/** @import { Role, Status, ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/**
 * What a message shows besides itself.
 *
 * @typedef {object} Context
 * @property {string} note stands in for the status line's own text
 * @property {boolean} canRetry
 * @property {boolean} isLast whether nothing follows
 * @property {boolean} busy whether a turn runs
 * @property {readonly (ViewMessage | undefined)[]} results the results of its tool calls, as far as there are any
 */

/**
 * What a person can do with messages.
 *
 * @typedef {object} Commands
 * @property {() => void} retry
 */

/** Messages that are for the record rather than for reading. @type {ReadonlySet<Role>} */
const FOLDED = new Set(["system", "developer", "tool", "function"]);

/** Messages whose text is still growing. @type {ReadonlySet<Status>} */
const GROWING = new Set(["waiting", "streaming"]);

/**
 * @param {Role} role
 * @param {Strings} strings
 * @param {Commands} commands
 */
export function createMessage(role, strings, commands) {
  const isMarkdown = role === "assistant";
  const text = element("div", { class: "chatwidget-text", dir: "auto" });
  text.classList.toggle("chatwidget-markdown", isMarkdown);
  const showBody = isMarkdown ? growingMarkdown(text, strings) : growingText(text);
  const reasoning = createReasoning(strings);
  const refusal = createRefusal(strings);
  const calls = createToolCalls(strings);
  const status = createStatus(strings, commands);

  const article = element("article", { class: "chatwidget-message", "data-role": role });
  const body = [reasoning.element, text, refusal.element, calls.element, status.element];
  article.append(...framed(role, strings, body));

  return {
    element: article,

    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, context) {
      article.dataset.status = message.status;
      reasoning.update(message);
      showBody(plainText(message.content, strings), !GROWING.has(message.status));
      refusal.update(message);
      calls.update(message);
      status.update(message, context);
    },
  };
}

/** @param {Strings} strings */
function createRefusal(strings) {
  const text = element("div");
  const frame = element("div", { class: "chatwidget-refusal", dir: "auto" });
  frame.append(element("strong", {}, strings.refusal), text);
  const show = growingText(text);
  return {
    element: frame,
    /** @param {ViewMessage} message */
    update({ refusal }) {
      show(refusal);
      frame.hidden = refusal === "";
    },
  };
}

/**
 * @param {Role} role
 * @param {Strings} strings
 * @param {HTMLElement[]} body
 * @returns {HTMLElement[]}
 */
function framed(role, strings, body) {
  const sender = strings.roles[role];
  if (!FOLDED.has(role)) return [element("span", { class: "chatwidget-sr-only" }, sender), ...body];
  const details = element("details", { class: "chatwidget-folded" }, element("summary", {}, sender), ...body);
  return [details];
}
