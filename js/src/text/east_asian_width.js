/**
 * Replaces the package `get-east-asian-width`, for emphasis beside CJK: its tables would be a fiftieth of the bundle.
 * Widths that make no difference there are not distinguished.
 */

const WIDE =
  /[\u1100-\u115F\u20A9\u2329\u232A\u2630-\u2637\u268A-\u268F\u2E80-\u303E\u3040-\u3247\u3250-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFFEE\u{16FE0}-\u{191FF}\u{1AFF0}-\u{1B2FF}\u{1D300}-\u{1D376}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]/u;

/** Quotation marks and ideographic variation selectors. */
const AMBIGUOUS = /[\u2018\u2019\u201C\u201D]|[\u{E0100}-\u{E01EF}]/u;

/** Return the width of a character. @param {number} codePoint */
export function eastAsianWidthType(codePoint) {
  const character = String.fromCodePoint(codePoint);
  if (WIDE.test(character)) return "wide";
  return AMBIGUOUS.test(character) ? "ambiguous" : "neutral";
}
