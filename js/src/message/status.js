/** The status of a message: in progress, or how it ended. */

import { on } from "../dom/delegation.js";
import { button, element, setHidden, showText } from "../dom/elements.js";
import { ownValue } from "../protocol/guards.js";
import { isGrowing } from "../state/message_content.js";
import { stripAnsi } from "../text/ansi.js";
import { isReasoning } from "./reasoning.js";
import { createSection } from "./section.js";
import { leftOutText } from "./statistics.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */
/** @import { Commands, Context } from "./message_context.js" */

/**
 * Create the status line, with its buttons.
 *
 * @param {Strings} strings
 * @param {Commands} commands
 */
export function createStatus(strings, commands) {
  const dots = element("span", { class: "chatwidget-dots", "aria-hidden": "true" });
  dots.append(element("i"), element("i"), element("i"));
  const text = element("span", { class: "chatwidget-status-text" });
  const cause = element("span", { dir: "auto" });
  const rawText = element("span", { class: "chatwidget-said", dir: "auto" });
  const error = element("div", { class: "chatwidget-error" }, cause, rawText);
  const log = createSection(strings.details, { isFolded: true });
  const retry = on(button("retry", strings.retry), { click: commands.retry });
  const choose = on(button("choose-model", strings.models.none), { click: commands.chooseModel });
  const continueButton = on(button("go-on", strings.goOn), { click: commands.continueAnswer });
  const line = element(
    "div",
    { class: "chatwidget-status" },
    dots,
    text,
    error,
    log.element,
    choose,
    retry,
    continueButton,
  );
  return {
    element: line,
    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, { note, canRetry, canContinue, needsModel, isSilent, isLast }) {
      const statusOrNote = note || (isReasoning(message) ? "" : statusText(message, strings));
      showText(text, [statusOrNote, isLast ? leftOutText(message, strings) : ""].filter(Boolean).join(" · "));
      const [causeText, errorText] = errorTexts(message, strings);
      showText(cause, causeText);
      showText(rawText, errorText);
      setHidden(error, causeText === "");
      log.update(stripAnsi(message.log ?? ""));
      setHidden(dots, isSilent || !isGrowing(message));
      setHidden(choose, !needsModel);
      setHidden(retry, !canRetry);
      setHidden(continueButton, !canContinue);
      const parts = [text, error, log.element, dots, choose, retry, continueButton];
      setHidden(
        line,
        parts.every((part) => part.hidden),
      );
    },
  };
}

/**
 * Return the cause of an error, translated if its code is known, and then the original text.
 *
 * @param {ViewMessage} message
 * @param {Strings} strings
 * @returns {[cause: string, raw: string]}
 */
export function errorTexts({ status, error, error_code: code }, strings) {
  const raw = error ?? (status === "error" ? strings.failed : "");
  // The kernel's own text is in English, and more exact.
  if (strings.language === "en") return [raw, ""];
  const fault = ownValue(strings.faults, code ?? "");
  // The chat may be connected to another server by now; the original text names the one that was asked.
  const translated = fault ?? ownValue(strings.notices, code ?? "")?.(strings.itsAddress);
  return translated ? [translated, error ?? ""] : [raw, ""];
}

/**
 * Return the status in words, or an empty text.
 *
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
