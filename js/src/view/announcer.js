/** Announces answers to screen readers: finished sentences only, politely, at most once a second. */

import { element } from "../dom/elements.js";
import { isGrowing, plainText } from "../state/message_content.js";
import { stripAnsi } from "../text/ansi.js";
import { SpokenTextReader } from "./spoken_text.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */

/** The least time between two announcements, in milliseconds. */
const PAUSE = 1000;

/** How long the last announcements stay, in milliseconds. A search in the page should not find every text twice. */
const LINGER = 5000;

/** How many announcements stay at a time. */
const KEPT = 3;

/** @typedef {{ reader: SpokenTextReader, message: ViewMessage, begun: boolean }} Reading */

/**
 * Create the live region and return the function that announces changed messages.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {AbortSignal} options.signal
 */
export function createAnnouncer({ strings, signal }) {
  const region = element("div", { class: "chatwidget-sr-only", role: "log", "aria-live": "polite" });
  region.setAttribute("aria-label", strings.announcements);
  /** Answers under way, by id. @type {Map<string, Reading>} */
  const readings = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isResting = false;

  const announce = () => {
    const texts = [...readings.values()].map((reading) => newText(reading, strings)).filter(Boolean);
    for (const [id, { message }] of readings) if (!isGrowing(message)) readings.delete(id);
    isResting = texts.length > 0;
    if (isResting) region.append(element("p", {}, stripAnsi(texts.join(" "))));
    while (region.childElementCount > KEPT) region.firstElementChild?.remove();
    timer = setTimeout(isResting ? announce : () => region.replaceChildren(), isResting ? PAUSE : LINGER);
  };

  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  return {
    element: region,
    /** @param {Iterable<ViewMessage>} changed */
    announce(changed) {
      let isNews = false;
      for (const message of changed) {
        const reading = readings.get(message.id);
        if (reading) reading.message = message;
        else if (isGrowing(message))
          readings.set(message.id, { reader: new SpokenTextReader(strings), message, begun: false });
        isNews ||= readings.has(message.id);
      }
      if (!isNews || isResting) return;
      clearTimeout(timer);
      announce();
    },
  };
}

/**
 * Return what is new in an answer since the last announcement, and mark it as announced.
 *
 * @param {Reading} reading
 * @param {Strings} strings
 */
function newText(reading, strings) {
  const { reader, message, begun } = reading;
  const isWhole = !isGrowing(message);
  const text = reader.read(plainText(message.content, strings), isWhole).join(" ");
  const spoken = [text, isWhole && message.refusal].filter(Boolean).join(" ");
  reading.begun ||= spoken !== "";
  return [spoken && !begun ? strings.replied(spoken) : spoken, isWhole && ending(message, strings)]
    .filter(Boolean)
    .join(" ");
}

/**
 * Return how an answer ended, in words.
 *
 * @param {ViewMessage} message
 * @param {Strings} strings
 */
function ending({ status, error, finish_reason, tool_calls }, strings) {
  if (status === "stopped" || status === "interrupted")
    return [strings[status], error].filter(Boolean).join(" ");
  if (status === "error") return error ?? strings.failed;
  if (finish_reason === "length") return strings.cutByLength;
  if (finish_reason === "content_filter") return strings.cutByFilter;
  return tool_calls.map(({ name }) => strings.toolCall(name)).join(" ") || strings.answered;
}
