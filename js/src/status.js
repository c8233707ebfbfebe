/** Where a message stands: under way, or how it ended. */

import { button, element, showText } from "./dom.js";
import { on } from "./events.js";
import { thinks } from "./reasoning.js";

/** @import { Commands, Context } from "./message.js" */
/** @import { ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/**
 * @param {Strings} strings
 * @param {Commands} commands
 */
export function createStatus(strings, commands) {
  const dots = element("span", { class: "chatwidget-dots", "aria-hidden": "true" });
  dots.append(element("i"), element("i"), element("i"));
  const text = element("span", { class: "chatwidget-status-text" });
  const error = element("span", { class: "chatwidget-error", dir: "auto" });
  const retry = on(button("retry", strings.retry), { click: commands.retry });
  const line = element("div", { class: "chatwidget-status" }, dots, text, error, retry);
  return {
    element: line,
    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, { note, canRetry }) {
      const failed = message.status === "error";
      showText(text, note || (thinks(message) ? "" : statusText(message, strings)));
      showText(error, message.error ?? (failed ? strings.failed : ""));
      dots.hidden = message.status !== "waiting" && message.status !== "streaming";
      retry.hidden = !canRetry;
      line.hidden = [text, error, dots, retry].every((part) => part.hidden);
    },
  };
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
