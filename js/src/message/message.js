/** One message. An update touches only the parts that changed. */

import { on } from "../dom/delegation.js";
import { element, growingText, setHidden } from "../dom/elements.js";
import { handleFootnoteClick } from "../markdown/decorate.js";
import { handleRemoteImageClick } from "../markdown/images.js";
import { growingMarkdown } from "../markdown/stream.js";
import { bodyOf, isGrowing } from "../state/message_content.js";
import { createBranches } from "./branches.js";
import { createEditor } from "./editor.js";
import { createMessageToolbar } from "./message_toolbar.js";
import { createParts } from "./parts.js";
import { createReasoning } from "./reasoning.js";
import { createSound, createSources } from "./sources.js";
import { createStatus } from "./status.js";
import { createToolCalls } from "./tool_calls.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Role, ViewMessage } from "../protocol/messages.js" */
/** @import { Commands, Context } from "./message_context.js" */

/** Roles whose messages are folded, as they are rarely read. @type {ReadonlySet<Role>} */
const FOLDED = new Set(["system", "developer", "tool", "function"]);

/**
 * Create a message; `update` fills it.
 *
 * @param {Role} role
 * @param {Strings} strings
 * @param {Commands} commands
 */
export function createMessage(role, strings, commands) {
  const isMarkdown = role === "assistant";
  const text = element("div", { class: "chatwidget-text chatwidget-findable", dir: "auto" });
  text.classList.toggle("chatwidget-markdown", isMarkdown);
  const showText = isMarkdown ? growingMarkdown(text, strings) : growingText(text);
  const parts = createParts(strings, commands.signal);
  const reasoning = createReasoning(strings);
  const refusal = createRefusal(strings);
  const sound = createSound(strings);
  const sources = createSources(strings);
  const calls = createToolCalls(strings, commands);
  const status = createStatus(strings, commands);
  const branches = createBranches(strings, commands);
  const toolbar = createMessageToolbar(strings, commands, () => edit());
  const foot = element("div", { class: "chatwidget-foot" }, status.element);
  if (!FOLDED.has(role)) foot.append(branches.element, toolbar.element);

  const article = element("article", { class: "chatwidget-message", "data-role": role });
  const beside = [refusal.element, sound.element, sources.element, calls.element, foot];
  const body = [reasoning.element, parts.element, text, ...beside];
  article.append(...framed(role, strings, body));
  on(article, {
    click({ target }) {
      handleRemoteImageClick(target, strings, commands.signal);
      handleFootnoteClick(target);
    },
  });
  /** @type {ViewMessage} */
  let shown;
  let unsent = () => "";

  const edit = () => {
    if (article.querySelector(".chatwidget-editor")) return;
    const editor = createEditor(bodyOf(shown.content).text, {
      strings,
      askNames: commands.askNames,
      onSend(written) {
        close(editor.element);
        commands.edit(shown.id, written);
      },
      onCancel() {
        close(editor.element);
        toolbar.focusEdit();
      },
    });
    unsent = () => editor.text;
    text.after(editor.element);
    article.classList.add("chatwidget-editing");
    editor.focus();
  };
  const close = (/** @type {HTMLElement} */ editor) => {
    unsent = () => "";
    editor.remove();
    article.classList.remove("chatwidget-editing");
  };

  return {
    element: article,
    edit,
    focusBranch: branches.focus,
    /** Return an edit that was not sent, or an empty text. */
    unsent: () => unsent(),

    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, context) {
      shown = message;
      article.dataset.status = message.status;
      const { text: bodyText, parts: bodyParts } = bodyOf(message.content);
      reasoning.update(message);
      showText(bodyText, !isGrowing(message));
      parts.update(bodyParts);
      refusal.update(message);
      sound.update(message);
      sources.update(message);
      calls.update(message, context);
      status.update(message, context);
      branches.update(message);
      toolbar.update(message, context);
    },
  };
}

/** Create the refusal; it is hidden if there is none. @param {Strings} strings */
function createRefusal(strings) {
  const text = element("div", { class: "chatwidget-findable" });
  const frame = element("div", { class: "chatwidget-refusal", dir: "auto" });
  frame.append(element("strong", {}, strings.refusal), text);
  const show = growingText(text);
  return {
    element: frame,
    /** @param {ViewMessage} message */
    update({ refusal }) {
      show(refusal);
      setHidden(frame, refusal === "");
    },
  };
}

/**
 * Return the children of a message: named by its role, and folded for some.
 *
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
