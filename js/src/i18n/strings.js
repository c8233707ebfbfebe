/** All visible and spoken texts, by language. A new language is one more table with the same keys. */

import { en } from "./en.js";
import { es } from "./es.js";

/** @typedef {typeof en} Strings */

/** @type {Record<string, Strings>} */
export const TABLES = { en, es };

/**
 * Return the table for a language tag such as "es-MX", or English if there is none.
 *
 * @param {string} tag
 * @returns {Strings}
 */
export function stringsFor(tag) {
  const language = tag.toLowerCase().split(/[-_]/, 1)[0] ?? "";
  return Object.hasOwn(TABLES, language) ? /** @type {Strings} */ (TABLES[language]) : en;
}
