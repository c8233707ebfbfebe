/** One message on the page. Only what changed in it is touched. */

import { button, element, growingText, showText } from "./dom.js";
import { growingMarkdown } from "./markdown.js";

/** @import { Role, Status, ToolCall, ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/**
 * What a message shows besides itself.
 *
 * @typedef {object} Context
 * @property {string} note stands in for the status line's own text
 * @property {boolean} canRetry
 */

/** Messages that are for the record rather than for reading. @type {ReadonlySet<Role>} */
const FOLDED = new Set(["system", "developer", "tool", "function"]);

/** Messages whose text is still growing. @type {ReadonlySet<Status>} */
const GROWING = new Set(["waiting", "streaming"]);

/**
 * @param {Role} role
 * @param {Strings} strings
 */
export function createMessage(role, strings) {
  const reasoning = foldedText("reasoning", strings.reasoning);
  const isMarkdown = role === "assistant";
  const text = element("div", { class: "chatwidget-text", dir: "auto" });
  text.classList.toggle("chatwidget-markdown", isMarkdown);
  const refusal = element("div", { class: "chatwidget-refusal", dir: "auto" });
  const refusalText = element("div");
  refusal.append(element("strong", {}, strings.refusal), refusalText);
  const calls = toolCalls(strings);
  const status = statusLine(strings);

  const article = element("article", { class: "chatwidget-message", "data-role": role });
  article.append(...framed(role, strings, [reasoning.element, text, refusal, calls.element, status.element]));

  const showBody = isMarkdown ? growingMarkdown(text, strings) : growingText(text);
  const showRefusal = growingText(refusalText);

  return {
    element: article,

    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, context) {
      article.dataset.status = message.status;
      reasoning.update(message.reasoning);
      showBody(plainText(message.content, strings), !GROWING.has(message.status));
      showRefusal(message.refusal);
      refusal.hidden = message.refusal === "";
      calls.update(message.tool_calls);
      status.update(message, context);
    },
  };
}

/**
 * The text of a message, its other parts named where they stand. Nothing is loaded from a model's or a user's address.
 *
 * @param {ViewMessage["content"]} content
 * @param {Strings} strings
 */
export function plainText(content, strings) {
  if (typeof content === "string") return content;
  const names = new Map(Object.entries(strings.parts));
  const named = (/** @type {string} */ type) => names.get(type) ?? strings.parts.other;
  return content.map(({ type, text }) => (typeof text === "string" ? text : named(type))).join("\n");
}

/**
 * @param {ViewMessage} message
 * @param {Strings} strings
 */
function statusText({ status, finish_reason }, strings) {
  if (status === "waiting" || status === "streaming") return strings[status];
  if (status === "stopped" || status === "interrupted") return strings[status];
  if (finish_reason === "length") return strings.cutByLength;
  if (finish_reason === "content_filter") return strings.cutByFilter;
  return "";
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

/**
 * @param {string} name
 * @param {string} label
 */
function foldedText(name, label) {
  const text = element("div", { class: `chatwidget-${name}-text`, dir: "auto" });
  const details = element("details", { class: `chatwidget-folded chatwidget-${name}` });
  details.append(element("summary", {}, label), text);
  const show = growingText(text);
  return {
    element: details,
    update: (/** @type {string} */ value) => {
      show(value);
      details.hidden = value === "";
    },
  };
}

/** @param {Strings} strings */
function toolCalls(strings) {
  const list = element("div", { class: "chatwidget-calls" });
  /** @type {ReturnType<typeof toolCall>[]} */
  const shown = [];
  return {
    element: list,
    update: (/** @type {ToolCall[]} */ calls) => {
      for (const gone of shown.splice(calls.length)) gone.element.remove();
      for (const [index, call] of calls.entries()) {
        shown[index] ??= toolCall(list, strings);
        shown[index].update(call);
      }
    },
  };
}

/**
 * @param {HTMLElement} list
 * @param {Strings} strings
 */
function toolCall(list, strings) {
  const name = element("code", { class: "chatwidget-call-name" });
  const args = element("pre", { class: "chatwidget-call-arguments" });
  const label = element("span", { class: "chatwidget-call-label" }, strings.toolCall);
  const card = list.appendChild(element("div", { class: "chatwidget-call" }));
  card.append(element("div", { class: "chatwidget-call-head" }, label, name), args);
  const showArguments = growingText(args);
  return {
    element: card,
    update: (/** @type {ToolCall} */ call) => {
      showText(name, call.name);
      showArguments(call.arguments);
    },
  };
}

/** @param {Strings} strings */
function statusLine(strings) {
  const dots = element("span", { class: "chatwidget-dots", "aria-hidden": "true" });
  dots.append(element("i"), element("i"), element("i"));
  const text = element("span", { class: "chatwidget-status-text" });
  const error = element("span", { class: "chatwidget-error", dir: "auto" });
  const retry = button("retry", strings.retry);
  const line = element("div", { class: "chatwidget-status" }, dots, text, error, retry);
  return {
    element: line,
    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, { note, canRetry }) {
      const failed = message.status === "error";
      showText(text, note || statusText(message, strings));
      showText(error, message.error ?? (failed ? strings.failed : ""));
      dots.hidden = message.status !== "waiting" && message.status !== "streaming";
      retry.hidden = !canRetry;
      line.hidden = [text, error, dots, retry].every((part) => part.hidden);
    },
  };
}
