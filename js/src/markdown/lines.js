/** The lines of a Markdown text, as rules and readers look at them. */

/** @import { StateBlock } from "markdown-it" */

/** The beginning of a fence, behind whatever quotations and lists. */
const FENCE = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(\x60{3,}(?=[^\x60]*$)|~{3,})/;

const CODE_SPAN = /(?<!\x60)(\x60+)(?!\x60).*?(?<!\x60)\1(?!\x60)/gs;

/** Return the signs of the fence that a line begins. @param {string} line */
export const fenceOf = (line) => FENCE.exec(line)?.[1];

/**
 * Whether a line ends a fence with these signs.
 *
 * @param {string} line
 * @param {string} fence
 */
export function closesFence(line, fence) {
  const signs = line.replace(/^[\s>]*/, "").trimEnd();
  return signs.length >= fence.length && signs === fence.charAt(0).repeat(signs.length);
}

/** Put dots in the place of the code within lines. @param {string} text */
export const withoutCode = (text) => text.replace(CODE_SPAN, ({ length }) => ".".repeat(length));

/**
 * Return what a line has within its quotation or list.
 *
 * @param {StateBlock} state
 * @param {number} line
 */
export function lineOf(state, line) {
  return state.src.slice(startOf(state, line), state.eMarks[line]).trimEnd();
}

/**
 * @param {StateBlock} state
 * @param {number} line
 */
export function startOf(state, line) {
  return (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
}

/**
 * Whether a line is outside of the quotation or list that the lines before it are in.
 *
 * @param {StateBlock} state
 * @param {number} line
 */
export function isOver(state, line) {
  return !state.isEmpty(line) && (state.sCount[line] ?? 0) < state.blkIndent;
}
