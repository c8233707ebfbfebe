/** Bundled on its own, as it is large and not all conversations have formulas: TeX to MathML. */

import temml from "temml";

/** Formulas may define macros; ones without end stop here. */
const MOST_EXPANSIONS = 200;

/** The largest length, in em and in points. @type {[number, number]} */
const LARGEST = [10, 100];

const LINES = /border-(left|right|top|bottom):/g;

/**
 * @param {string} tex
 * @param {boolean} displayMode
 * @returns {string} throws where the formula is none
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
 * Put what comes close in the place of environments that the library lacks.
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
 * What a style says, said by attributes and classes as far as it matters: content has no style.
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
