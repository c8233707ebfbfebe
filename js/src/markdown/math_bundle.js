/** TeX to MathML, bundled separately: it is large, and not every conversation has formulas. */

import temml from "temml";

/** The most macro expansions: formulas may define macros that never end. */
const MOST_EXPANSIONS = 200;

/** The largest length, in em and in points. @type {[number, number]} */
const LARGEST = [10, 100];

const LINES = /border-(left|right|top|bottom):/g;

/**
 * Convert TeX to MathML without styles.
 *
 * @param {string} tex
 * @param {boolean} displayMode
 * @returns {string} throws if the formula is invalid
 */
export function toMathML(tex, displayMode) {
  const mathML = temml.renderToString(withKnownEnvironments(tex), {
    displayMode,
    throwOnError: true,
    trust: false,
    maxExpand: MOST_EXPANSIONS,
    maxSize: LARGEST,
  });
  return mathML.replace(/<m[a-z]+\b[^>]* style="[^>]*>/g, withoutStyle);
}

/**
 * Replace environments that the library lacks with similar ones.
 *
 * @param {string} tex
 */
function withKnownEnvironments(tex) {
  return tex
    .replace(/\\(begin|end)\{flalign(\*?)\}/g, "\\$1{align$2}")
    .replace(/\\begin\{eqnarray\*?\}/g, "\\begin{array}{rcl}")
    .replace(/\\end\{eqnarray\*?\}/g, "\\end{array}");
}

/**
 * Replace the style of a tag with attributes and classes, as content may have no style.
 *
 * @param {string} tag
 */
function withoutStyle(tag) {
  const style = / style="([^"]*)"/.exec(tag)?.[1] ?? "";
  const color = /(?:^|;)color:([^;]+)/.exec(style)?.[1];
  const classes = [/ class="([^"]*)"/.exec(tag)?.[1] ?? ""];
  for (const [, side] of style.matchAll(LINES)) classes.push(`tml-line-${side}`);
  if (/border:/.test(style)) classes.push("tml-box");
  const rest = tag.replace(/ (?:style|class)="[^"]*"/g, "").slice(0, -1);
  return `${rest} class="${classes.join(" ").trim()}"${color ? ` mathcolor="${color}"` : ""}>`;
}
