/**
 * Finds where a growing block can be split, so that its beginning is not parsed again: between rows, items, lines of
 * code, or words outside emphasis, links and code. The text after a split point is parsed as a block of its own.
 */

import { isComplete, outline } from "../syntax/parser.js";

/** @import { Env } from "markdown-it" */
/** @import { Piece } from "../syntax/parser.js" */

/**
 * The parts of one block. A list is loose as soon as one of its parts is.
 *
 * @typedef {object} Group
 * @property {Piece["type"]} type
 * @property {string} markup
 * @property {string} head the lines that each further part needs in front of it
 * @property {number} start of the block in the text
 * @property {number} first index of its first part among the blocks
 * @property {number} empty the number of empty cells, which markdown-it limits
 * @property {boolean} wasLoose
 * @property {boolean} isLoose
 */

/** From this many characters on splitting pays; at the second number a block is ended even without a split point. */
const LARGE = 2000;
const LONGEST = 100_000;

/** A table ends when it lacks more cells than this. */
const EMPTY_CELLS = 65_536;

/** The distance of a split point from the end of a paragraph, and how many gaps between words are tried. */
const SLACK = 200;
const TRIES = 40;

/** How many lines it may take to recognize a line. */
const LINES_TO_TELL = 2;

/**
 * Return the group of a block that is about to be split.
 *
 * @param {Piece} piece
 * @param {number} start
 * @param {number} first
 * @returns {Group}
 */
export function createGroup({ type, markup, lead, source }, start, first) {
  const lines = { table_open: 2, fence: 1 }[type] ?? 0;
  const head = source.slice(lineStart(source, lead), lineStart(source, lead + lines));
  return { type, markup, head, start, first, empty: 0, wasLoose: false, isLoose: false };
}

/**
 * Return true if a piece parsed after a split point continues the group.
 *
 * @param {Group} group
 * @param {Piece | undefined} piece
 */
export function continues({ type, markup, empty }, piece) {
  const isSame = piece?.line === 0 && piece.type === type && piece.markup === markup;
  return isSame && empty + piece.empty <= EMPTY_CELLS;
}

/**
 * Return the position in a piece's source at which to split it, or 0.
 *
 * @param {Piece} piece
 * @param {number} from length of the part that is already settled
 * @param {Env} env
 */
export function splitPointOf(piece, from, env) {
  if (piece.source.length < from + LARGE) return 0;
  const at = candidate(piece, env);
  return at >= from + LARGE / 2 ? at : 0;
}

/**
 * Return the position at which to end a piece that is too long to be parsed repeatedly, or 0.
 *
 * @param {Piece} piece
 */
export function forcedSplitPointOf({ source }) {
  if (source.length < LONGEST) return 0;
  return source.lastIndexOf("\n") + 1 || source.length;
}

/**
 * Return the last possible split point of a piece, or 0.
 *
 * @param {Piece} piece
 * @param {Env} env
 */
function candidate({ type, markup, inner, source }, env) {
  const lines = source.split("\n").length - 1;
  if (type === "fence") return isFenceOpen(source, markup) ? lineStart(source, lines) : 0;
  if (type === "paragraph_open") return gapBetweenWords(source, env);
  const line = inner.findLast((start) => start + LINES_TO_TELL <= lines) ?? 0;
  return lineStart(source, line);
}

/**
 * @param {string} source
 * @param {string} markup
 */
function isFenceOpen(source, markup) {
  return !new RegExp(`\\n {0,3}${markup}${markup[0]}*[ \\t]*(?:\\n|$)`).test(source);
}

/**
 * Return a gap between words outside all markup, or 0.
 *
 * @param {string} source
 * @param {Env} env
 */
function gapBetweenWords(source, env) {
  let at = source.length - SLACK;
  for (let tries = 0; tries < TRIES && at > 0; tries++) {
    at = source.lastIndexOf(" ", at - 1);
    if (!/^[^\s\\] \p{L}/u.test(source.slice(at - 1, at + 3))) continue;
    return isComplete(source.slice(0, at), env) ? at + 1 : 0;
  }
  return 0;
}

/**
 * Return true if a list with this source is loose.
 *
 * @param {string} source
 * @param {string} markup
 * @param {boolean} isFollowed whether another item follows
 */
export function isLoose(source, markup, isFollowed) {
  const marker = /[.)]/.test(markup) ? `1${markup}` : markup;
  const items = isFollowed ? source : `${source.trimEnd()}\n`;
  const [list] = outline(`${items}${marker} x\n`, {});
  return list?.isLoose ?? false;
}

/**
 * Return the position of a line.
 *
 * @param {string} source
 * @param {number} line
 */
function lineStart(source, line) {
  let at = 0;
  for (let count = 0; count < line; count++) at = source.indexOf("\n", at) + 1;
  return at;
}
