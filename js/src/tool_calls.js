/** The functions a model calls, a card each. */

import { element, growingText, showText } from "./dom.js";

/** @import { ToolCall, ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/** @param {Strings} strings */
export function createToolCalls(strings) {
  const list = element("div", { class: "chatwidget-calls" });
  /** @type {ReturnType<typeof toolCall>[]} */
  const shown = [];
  return {
    element: list,
    /** @param {ViewMessage} message */
    update({ tool_calls }) {
      for (const gone of shown.splice(tool_calls.length)) gone.element.remove();
      for (const [index, call] of tool_calls.entries()) {
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
    /** @param {ToolCall} call */
    update(call) {
      showText(name, call.name);
      showArguments(call.arguments);
    },
  };
}
