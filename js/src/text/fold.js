/** Folds text for searching: case, accents, widths, ligatures and kinds of spaces no longer differ. */

/** Accents and points, and characters without a glyph; but the voicing marks of kana make other letters. */
const DROPPED =
  /(?![\u3099\u309A])[\p{Script=Inherited}\p{Default_Ignorable_Code_Point}\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0656-\u065F]/gu;

const ASCII = /^[\0-\x7F]*$/;

/** Runs that fold on their own: of ASCII, of spaces, a Hangul syllable in parts, a character with its marks. */
const RUNS = /[!-~]+|\s+|(?:[\u1100-\u115F][\u1160-\u11FF]*|\P{M})\p{M}*|\p{M}+/gu;

/**
 * Return a text with what a search ignores folded away.
 *
 * @param {string} text
 */
export function fold(text) {
  const letters = ASCII.test(text)
    ? text
    : text.normalize("NFKD").replace(DROPPED, "").normalize("NFC").toUpperCase();
  return letters.toLowerCase().replaceAll("ς", "σ").replace(/\s+/g, " ");
}

/**
 * Return the places of a folded query in a text, as pairs of start and end.
 *
 * @param {string} text not folded
 * @param {string} query folded and not empty
 * @returns {[start: number, end: number][]}
 */
export function placesOf(text, query) {
  let folded = "";
  /** The start in the text of each character of `folded`. @type {number[]} */
  const starts = [];
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    const piece = fold(run);
    const isEach = piece.length === run.length;
    for (let at = 0; at < piece.length; at++) starts.push(index + (isEach ? at : 0));
    folded += piece;
  }
  starts.push(text.length);
  /** @type {[number, number][]} */
  const places = [];
  eachPlace(folded, query, (at) => {
    let end = at + query.length;
    // Half a ligature is the whole one.
    while (starts[end] === starts[end - 1]) end++;
    places.push([starts[at] ?? 0, starts[end] ?? text.length]);
  });
  return places;
}

/**
 * Return how often a text contains a query; both are folded, and the query is not empty.
 *
 * @param {string} folded
 * @param {string} query
 */
export function countOf(folded, query) {
  let count = 0;
  eachPlace(folded, query, () => {
    count += 1;
  });
  return count;
}

/** @type {(folded: string, query: string, found: (at: number) => void) => void} */
function eachPlace(folded, query, found) {
  for (let at = folded.indexOf(query); at >= 0; at = folded.indexOf(query, at + query.length)) found(at);
}
