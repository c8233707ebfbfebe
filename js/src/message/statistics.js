/** Statistics of an answer: its model, tokens and time. */

import { escapeInvisible } from "../dom/invisible.js";
import { formatNumber, formatSeconds } from "../text/number_format.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Usage, ViewMessage } from "../protocol/messages.js" */

/**
 * Return the statistics of a message.
 *
 * @param {ViewMessage} message
 * @param {Strings} strings
 * @returns {string[]} one line per known value
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
 * Return how many older messages were left out of the request, for lack of space.
 *
 * @param {ViewMessage} message
 * @param {Strings} strings
 */
export function leftOutText({ left_out: leftOut }, strings) {
  if (!leftOut) return "";
  return leftOut.summarized ? strings.summarized(leftOut.count) : strings.notSentOlder(leftOut.count);
}

/**
 * Return the tokens in words, as far as the server counts them.
 *
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

/** JupyterLite passes Python's None on as undefined. @type {(value: number | null | undefined) => value is number} */
const isKnown = (value) => typeof value === "number";
