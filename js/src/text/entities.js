/** Characters by name, as the browser knows them: a table of its own would be a seventh of the bundle. */

/** How long at most is what a name stands for. What is no name stays longer. */
const LONGEST = 2;

/** A document that shows and loads nothing. @type {Range | undefined} */
let range;

/**
 * In the place of the package `entities`, for the parser of Markdown.
 *
 * @param {string} reference a name between `&` and `;`
 */
export function decodeHTMLStrict(reference) {
  if (!/^&[A-Za-z\d]+;$/.test(reference)) return reference;
  range ??= document.implementation.createHTMLDocument().createRange();
  const decoded = range.createContextualFragment(reference).textContent ?? "";
  return decoded.length <= LONGEST ? decoded : reference;
}
