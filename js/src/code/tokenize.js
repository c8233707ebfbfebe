/** Code to coloured pieces, a line at a time; what is open at a line's end is carried on in a state. */

import { StringStream } from "@codemirror/streamparser";

/** @import { Mode } from "./languages.js" */

/** @typedef {{ text: string, kind: string }} Piece a kind is a class of ours, or nothing */

/** What a mode names its tokens, and how ours are named. What is not here has the colour of text. */
const KINDS = new Map([
  ["keyword", "keyword"],
  ["atom", "atom"],
  ["self", "atom"],
  ["number", "number"],
  ["string", "string"],
  ["comment", "comment"],
  ["meta", "meta"],
  ["macroName", "meta"],
  ["def", "def"],
  ["builtin", "builtin"],
  ["property", "property"],
  ["attributeName", "property"],
  ["attribute", "property"],
  ["tag", "tag"],
  ["tagName", "tag"],
  ["inserted", "inserted"],
  ["deleted", "deleted"],
  ["heading", "heading"],
  ["link", "link"],
  ["emphasis", "emphasis"],
  ["strong", "strong"],
]);

/** Longer lines stay plain: no person wrote them, and some expressions of the modes take their square. */
const LONGEST_LINE = 500;

/** How often a mode may look at the same place. */
const MOST_LOOKS = 10;

const INDENT = 2;

/** @param {Mode} mode */
export function startState(mode) {
  return mode.startState?.(INDENT) ?? true;
}

/**
 * @param {Mode} mode
 * @param {unknown} state
 */
export function copyState(mode, state) {
  if (typeof state !== "object" || state === null) return state;
  if (mode.copyState) return mode.copyState(state);
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
  );
}

/**
 * @param {Mode} mode
 * @param {string} line without its end
 * @param {unknown} state is what it is after the line from then on
 * @returns {Piece[]}
 */
export function tokenize(mode, line, state) {
  if (line === "") mode.blankLine?.(state, INDENT);
  if (line.length > LONGEST_LINE) return [{ text: line, kind: "" }];
  /** @type {Piece[]} */
  const pieces = [];
  const stream = new StringStream(line, INDENT, INDENT);
  while (!stream.eol()) {
    const kind = kindOf(read(mode, stream, state));
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += stream.current();
    else pieces.push({ text: stream.current(), kind });
    stream.start = stream.pos;
  }
  return pieces;
}

/**
 * Reads one token.
 *
 * @param {Mode} mode
 * @param {StringStream} stream
 * @param {unknown} state
 */
function read(mode, stream, state) {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const style = mode.token(stream, state);
    if (stream.pos > stream.start) return style;
  }
  stream.next();
  return null;
}

/** @param {string | null} style such as "string.special" or "error keyword" */
function kindOf(style) {
  for (const name of style?.split(/[ .]/) ?? []) {
    const kind = KINDS.get(name);
    if (kind !== undefined) return kind;
  }
  return "";
}
