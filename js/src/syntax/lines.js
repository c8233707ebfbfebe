/** Helpers for the lines of a Markdown text. */

/** @import { StateBlock } from "markdown-it" */

/** The start of a fence, after any markers of quotations and lists. */
const FENCE = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(\x60{3,}(?=[^\x60]*$)|~{3,})/;

const CODE_SPAN = /(?<!\x60)(\x60+)(?!\x60).*?(?<!\x60)\1(?!\x60)/gs;

/** Return the marker of the fence that a line opens. @param {string} line */
export const fenceOf = (line) => FENCE.exec(line)?.[1];

/**
 * Return true if a line closes a fence with this marker.
 *
 * @param {string} line
 * @param {string} fence
 */
export function closesFence(line, fence) {
  const signs = line.replace(/^[\s>]*/, "").trimEnd();
  return signs.length >= fence.length && signs === fence.charAt(0).repeat(signs.length);
}

/** Replace inline code with dots. @param {string} text */
export const withoutCode = (text) => text.replace(CODE_SPAN, ({ length }) => ".".repeat(length));

/**
 * Return a line without the markers of its quotation or list.
 *
 * @param {StateBlock} state
 * @param {number} line
 */
export function lineOf(state, line) {
  return state.src.slice(startOf(state, line), state.eMarks[line]).trimEnd();
}

/**
 * Return the position of a line's content.
 *
 * @param {StateBlock} state
 * @param {number} line
 */
export function startOf(state, line) {
  return (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
}

/**
 * Return true if a line is outside the quotation or list of the lines before it.
 *
 * @param {StateBlock} state
 * @param {number} line
 */
export function isOver(state, line) {
  return !state.isEmpty(line) && (state.sCount[line] ?? 0) < state.blkIndent;
}
