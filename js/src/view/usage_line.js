/** The line below the composer: what the conversation took, tokens and, where prices are known, money. */

import { element, showText } from "../dom/elements.js";
import { tokenText } from "../message/statistics.js";
import { formatMoney, formatNumber } from "../text/number_format.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Spent } from "../protocol/messages.js" */

/** @param {Strings} strings */
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
 * @param {Spent} spent
 * @param {Strings} strings
 */
export function usageText(
  { prompt_tokens: read, completion_tokens: written, dollars, is_part: isPart },
  strings,
) {
  const { language } = strings;
  const count = strings.tokens(formatNumber(read + written, language));
  // JupyterLite hands Python's None over as undefined.
  return typeof dollars === "number"
    ? `${count} · ${isPart ? "≥ " : ""}${formatMoney(dollars, language)}`
    : count;
}
