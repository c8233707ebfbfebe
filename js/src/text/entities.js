/** Named characters, decoded by the browser: a table would be a seventh of the bundle. */

/** The most characters that a name stands for. An unknown name stays longer than that. */
const LONGEST = 2;

/** In a document that shows and loads nothing. @type {Range | undefined} */
let range;

/**
 * Replaces the function of the package `entities` that the Markdown parser uses.
 *
 * @param {string} reference a name between `&` and `;`
 */
export function decodeHTMLStrict(reference) {
  if (!/^&[A-Za-z\d]+;$/.test(reference)) return reference;
  range ??= document.implementation.createHTMLDocument().createRange();
  const decoded = range.createContextualFragment(reference).textContent ?? "";
  return decoded.length <= LONGEST ? decoded : reference;
}
