/** The reasoning before an answer: folded, with a glimpse of its last line while it streams. */

import { on } from "../dom/delegation.js";
import { element, setHidden, showText } from "../dom/elements.js";
import { growingMarkdown } from "../markdown/stream.js";
import { isGrowing } from "../state/message_content.js";
import { formatSeconds } from "../text/number_format.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */

/** The longest text, in characters, whose start may have been observed; for a longer one it is unknown. */
const FIRST_PIECE = 200;

/** How many characters of the last line are shown beside the title. */
const GLIMPSE = 160;

/** Create the reasoning; it is hidden if there is none. @param {Strings} strings */
export function createReasoning(strings) {
  const title = element("span", { class: "chatwidget-reasoning-title" });
  const glimpse = element("span", { class: "chatwidget-glimpse", dir: "auto", "aria-hidden": "true" });
  const text = element("div", { class: "chatwidget-markdown chatwidget-findable", dir: "auto" });
  const scroller = element("div", { class: "chatwidget-reasoning-text", tabindex: "0" }, text);
  const details = element("details", { class: "chatwidget-folded chatwidget-reasoning", hidden: "" });
  details.append(element("summary", {}, title, glimpse), scroller);
  const show = growingMarkdown(text, strings);
  const watch = stopwatch();
  let reasoning = "";
  let isThinking = false;

  // Folded text is not rendered.
  const showOpen = () => {
    if (details.open) show(reasoning, !isThinking);
  };
  on(details, { toggle: showOpen });

  return {
    element: details,
    /** @param {ViewMessage} message */
    update(message) {
      reasoning = message.reasoning;
      isThinking = isReasoning(message);
      setHidden(details, reasoning === "");
      if (details.hidden) return;
      watch.update(isThinking, reasoning.length > FIRST_PIECE);
      details.classList.toggle("chatwidget-thinking", isThinking);
      const { reasoning: measured } = message.timings;
      const time = typeof measured === "number" ? wholeSeconds(measured) : watch.seconds;
      showText(title, titleFor(isThinking, time, strings));
      showText(glimpse, isThinking ? lastLine(reasoning) : "");
      showOpen();
    },
  };
}

/** Return true if a message has reasoning but no answer yet. @param {ViewMessage} message */
export function isReasoning({ status, reasoning, content, refusal, tool_calls }) {
  const answers = content.length > 0 || refusal !== "" || tool_calls.length > 0;
  return isGrowing({ status }) && reasoning !== "" && !answers;
}

/**
 * Return the title: the time it took, if known.
 *
 * @param {boolean} isThinking
 * @param {number | null} time
 * @param {Strings} strings
 */
function titleFor(isThinking, time, strings) {
  if (isThinking) return strings.thinking;
  return time === null ? strings.reasoning : strings.thoughtFor(formatSeconds(time, strings.language));
}

/** @param {number} time */
const wholeSeconds = (time) => Math.max(1, Math.round(time));

/** Return the last line without its Markdown. @param {string} text */
function lastLine(text) {
  const end = text.slice(-2 * GLIMPSE).trimEnd();
  const line = end.slice(end.lastIndexOf("\n") + 1).replace(/[*_`#>]+/g, "");
  return line.slice(-GLIMPSE).trim();
}

/** Create a stopwatch, for a text of which both start and end are observed. */
function stopwatch() {
  /** @type {number | null} */
  let started = null;
  /** @type {number | null} */
  let time = null;
  let isNew = true;
  return {
    get seconds() {
      return time;
    },
    /**
     * @param {boolean} isRunning
     * @param {boolean} isLate whether it had started before it was first observed
     */
    update(isRunning, isLate) {
      if (isRunning && isNew && !isLate) started = performance.now();
      if (!isRunning && started !== null) {
        time = wholeSeconds((performance.now() - started) / 1000);
        started = null;
      }
      isNew = false;
    },
  };
}
