/** The line below the composer: the tokens of the conversation and, if prices are known, their cost. */

import { element, showText } from "../dom/elements.js";
import { tokenText } from "../message/statistics.js";
import { formatMoney, formatNumber } from "../text/number_format.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Spent } from "../protocol/messages.js" */

/** Create the line; it is empty until usage is known. @param {Strings} strings */
export function createUsageLine(strings) {
  const line = element("div", { class: "chatwidget-spent" });
  return {
    element: line,
    /** @param {Spent | null | undefined} spent */
    update(spent) {
      showText(line, spent ? usageText(spent, strings) : "");
      line.title = spent ? strings.spent(tokenText(spent, strings)) : "";
    },
  };
}

/**
 * Return the tokens and, if known, the cost in words.
 *
 * @param {Spent} spent
 * @param {Strings} strings
 */
export function usageText(
  { prompt_tokens: read, completion_tokens: written, dollars, is_part: isPart },
  strings,
) {
  const { language } = strings;
  const count = strings.tokens(formatNumber(read + written, language));
  // JupyterLite passes Python's None on as undefined.
  return typeof dollars === "number"
    ? `${count} · ${isPart ? "≥ " : ""}${formatMoney(dollars, language)}`
    : count;
}
