/** Where a message stands: under way, or how it ended. */

import { on } from "../dom/delegation.js";
import { button, element, setHidden, showText } from "../dom/elements.js";
import { thinks } from "./reasoning.js";
import { notSent } from "./statistics.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */
/** @import { Commands, Context } from "./message_context.js" */

/**
 * @param {Strings} strings
 * @param {Commands} commands
 */
export function createStatus(strings, commands) {
  const dots = element("span", { class: "chatwidget-dots", "aria-hidden": "true" });
  dots.append(element("i"), element("i"), element("i"));
  const text = element("span", { class: "chatwidget-status-text" });
  const cause = element("span", { dir: "auto" });
  const said = element("span", { class: "chatwidget-said", dir: "auto" });
  const error = element("div", { class: "chatwidget-error" }, cause, said);
  const retry = on(button("retry", strings.retry), { click: commands.retry });
  const choose = on(button("choose-model", strings.models.none), { click: commands.chooseModel });
  const goOn = on(button("go-on", strings.goOn), { click: commands.goOn });
  const line = element("div", { class: "chatwidget-status" }, dots, text, error, choose, retry, goOn);
  return {
    element: line,
    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, { note, canRetry, canGoOn, needsModel, isDeaf, isLast }) {
      const where = note || (thinks(message) ? "" : statusText(message, strings));
      showText(text, [where, isLast ? notSent(message, strings) : ""].filter(Boolean).join(" · "));
      const [why, words] = errorTexts(message, strings);
      showText(cause, why);
      showText(said, words);
      setHidden(error, why === "");
      setHidden(dots, isDeaf || (message.status !== "waiting" && message.status !== "streaming"));
      setHidden(choose, !needsModel);
      setHidden(retry, !canRetry);
      setHidden(goOn, !canGoOn);
      const parts = [text, error, dots, choose, retry, goOn];
      setHidden(
        line,
        parts.every((part) => part.hidden),
      );
    },
  };
}

/**
 * Why there is no answer, in the reader's words where there are some, and then what the server or the kernel said.
 *
 * @param {ViewMessage} message
 * @param {Strings} strings
 * @returns {[cause: string, said: string]}
 */
function errorTexts({ status, error, error_code: code }, strings) {
  const said = error ?? (status === "error" ? strings.failed : "");
  // What the kernel says is English, and more exact.
  if (strings.language === "en") return [said, ""];
  const fault = new Map(Object.entries(strings.faults)).get(code ?? "");
  // The chat may be connected to another server by now; what was said names the one that was asked.
  const words = fault ?? new Map(Object.entries(strings.notices)).get(code ?? "")?.(strings.itsAddress);
  return words ? [words, error ?? ""] : [said, ""];
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
