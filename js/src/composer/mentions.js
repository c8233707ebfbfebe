/** Mentions (`@name`, `{name}`) in a text, and the names that complete them. No DOM. */

/** @import { Name } from "../protocol/messages.js" */

/** @typedef {{ start: number, end: number, prefix: string }} Mention from "@" to the caret */

/** Longer names are not completed. */
const LONGEST = 100;
/** How many names are offered at once. */
const MOST = 50;

const BEFORE_CARET = /(?<![\p{L}\p{N}_@./:+\x60\\-])@(?<prefix>(?:[\p{L}_][\p{L}\p{N}_]*)?)$/u;
const ANYWHERE = /(?<![\p{L}\p{N}_@./:+\x60\\-])@[\p{L}_]|(?<![\p{L}\p{N}_{}$^\\])\{[^{}\n]+\}/u;

/**
 * Return the mention that ends at the caret.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {Mention | null}
 */
export function mentionAt(text, caret) {
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  const prefix = BEFORE_CARET.exec(before)?.groups?.prefix;
  return prefix === undefined ? null : { start: caret - prefix.length - 1, end: caret, prefix };
}

/** Return true if a text may mention a variable; only the kernel knows for certain. @param {string} text */
export const mayMention = (text) => ANYWHERE.test(text);

/**
 * Return the matching names in the kernel's order, those that begin with the prefix before those that contain it.
 *
 * @param {readonly Name[]} names
 * @param {string} prefix
 */
export function matchingNames(names, prefix) {
  const wanted = prefix.toLowerCase();
  const rank = (/** @type {Name} */ { name }) => {
    if (name.startsWith(prefix)) return 0;
    const at = name.toLowerCase().indexOf(wanted);
    return at === 0 ? 1 : at > 0 ? 2 : 3;
  };
  return [0, 1, 2].flatMap((wantedRank) => names.filter((name) => rank(name) === wantedRank)).slice(0, MOST);
}
