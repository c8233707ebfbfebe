/** Splits code into tokens line by line; a state carries over what is open at the end of a line. */

import { StringStream } from "@codemirror/streamparser";

/** @import { Mode } from "./languages.js" */

/** @typedef {{ text: string, kind: string }} Token its kind is one of our classes, or empty */

/** The kinds of our tokens by the modes' names. Other tokens have the colour of text. */
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

/** Longer lines stay plain: they are generated, and some of the modes' expressions take quadratic time. */
const LONGEST_LINE = 500;

/** How often a mode may return without consuming a character. */
const MOST_LOOKS = 10;

const INDENT = 2;

/** Return the state at the start of a text. @param {Mode} mode */
export function startState(mode) {
  return mode.startState?.(INDENT) ?? true;
}

/**
 * Copy a state.
 *
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
 * Return the tokens of a line, and advance the state past it.
 *
 * @param {Mode} mode
 * @param {string} line without its end
 * @param {unknown} state updated in place
 * @returns {Token[]}
 */
export function tokenize(mode, line, state) {
  if (line === "") mode.blankLine?.(state, INDENT);
  if (line.length > LONGEST_LINE) return [{ text: line, kind: "" }];
  /** @type {Token[]} */
  const tokens = [];
  const stream = new StringStream(line, INDENT, INDENT);
  while (!stream.eol()) {
    const kind = kindOf(read(mode, stream, state));
    const last = tokens.at(-1);
    if (last?.kind === kind) last.text += stream.current();
    else tokens.push({ text: stream.current(), kind });
    stream.start = stream.pos;
  }
  return tokens;
}

/**
 * Read one token.
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
