/** What an answer took: tokens, time, which model. */

import { escapeInvisible } from "../dom/invisible.js";
import { formatNumber, formatSeconds } from "../text/number_format.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Usage, ViewMessage } from "../protocol/messages.js" */

/**
 * @param {ViewMessage} message
 * @param {Strings} strings
 * @returns {string[]} a line each; none where nothing is known
 */
export function statistics(message, strings) {
  const { model, usage, timings } = message;
  const { language } = strings;
  const { first_token: first, duration } = timings;
  return [
    escapeInvisible(model ?? ""),
    tokenText(usage, strings),
    leftOutText(message, strings),
    isKnown(first) ? strings.firstWords(formatSeconds(first, language)) : "",
    isKnown(duration) ? strings.wholeTime(formatSeconds(duration, language)) : "",
  ].filter(Boolean);
}

/**
 * How much of the conversation was left out for `message`, for want of room.
 *
 * @param {ViewMessage} message
 * @param {Strings} strings
 */
export function leftOutText({ left_out: leftOut }, strings) {
  if (!leftOut) return "";
  return leftOut.summarized ? strings.summarized(leftOut.count) : strings.notSentOlder(leftOut.count);
}

/**
 * @param {Partial<Usage> | null} usage
 * @param {Strings} strings
 */
export function tokenText(usage, { language, tokens, tokensEachWay }) {
  const { prompt_tokens: read, completion_tokens: written, total_tokens: total } = usage ?? {};
  const format = (/** @type {number} */ count) => formatNumber(count, language);
  if (isKnown(read) && isKnown(written)) return tokensEachWay(format(read), format(written));
  const all = total ?? written;
  return isKnown(all) ? tokens(format(all)) : "";
}

/** JupyterLite hands Python's None over as undefined. @type {(value: number | null | undefined) => value is number} */
const isKnown = (value) => typeof value === "number";
