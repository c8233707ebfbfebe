/** Every text a person can see or hear, by language. A new language is one more table with the same keys. */

import { en } from "./en.js";
import { es } from "./es.js";

/** @typedef {typeof en} Strings */

/** @type {Record<string, Strings>} */
export const TABLES = { en, es };

/**
 * The table for a language tag such as "es-MX"; English where there is none.
 *
 * @param {string} tag
 * @returns {Strings}
 */
export function stringsFor(tag) {
  const language = tag.toLowerCase().split(/[-_]/, 1)[0] ?? "";
  return Object.hasOwn(TABLES, language) ? /** @type {Strings} */ (TABLES[language]) : en;
}
