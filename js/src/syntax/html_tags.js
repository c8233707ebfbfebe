/**
 * The HTML allowed in Markdown: a few tags, which become elements without attributes, and comments, which are dropped.
 * All other HTML is text.
 */

import { details } from "./details.js";
import { isOver, lineOf, withoutCode } from "./lines.js";

/** @import { StateBlock, StateInline, Token } from "markdown-it" */
/** @import { GrowingEnv } from "./math_syntax.js" */

/** Inline elements with an end tag. */
const PAIRED = "kbd|mark|sub|sup|u";

/** An inline tag. Its attributes are dropped. */
const TAG = new RegExp(`<(/?)(br|${PAIRED})(?:[ \\t\\n/][^<>]*)?>`, "iy");

/** The start of a comment or an element that may end later. */
const BEGINNING = new RegExp(`<!--|<(?:br|${PAIRED})\\b`, "i");

/** An unfinished tag or element at the end of a text. */
const BEGUN_TAG = /<\/?([a-z]*)(?:[ \t\n/][^<>]*)?$/i;
const BEGUN_ELEMENT = new RegExp(`<(${PAIRED})>[^<>\\n]*$`, "i");
const NAMES = ["br", "details", "summary", ...PAIRED.split("|")];

const COMMENT = "<!--";
const COMMENT_END = "-->";

/** The most lines of a comment. */
const MOST_LINES = 500;

/** The deepest nesting of inline elements. */
const DEEPEST = 8;

/** A markdown-it plugin for these tags and comments. @param {import("markdown-it").MarkdownIt} markdown */
export function htmlTags(markdown) {
  markdown.use(details);
  markdown.block.ruler.before("fence", "comment", commentLines);
  markdown.inline.ruler.before("autolink", "comment", comment);
  markdown.inline.ruler.before("autolink", "tag", tag);
  markdown.inline.ruler2.before("fragments_join", "tag", pairTags);
}

/** Return true if a comment or an element in a text may end later. @param {string} text */
export const mayAwaitTag = (text) => BEGINNING.test(text);

/**
 * Remove the unfinished tag or comment at the end of a paragraph, and close its last open element.
 *
 * @param {string} paragraph
 */
export function withoutBegunTag(paragraph) {
  const plain = withoutCode(paragraph);
  const from = plain.indexOf(COMMENT, plain.lastIndexOf(COMMENT_END));
  if (from >= 0) return paragraph.slice(0, from);
  const [begun, name = ""] = BEGUN_TAG.exec(plain) ?? [];
  const isTag = begun !== undefined && NAMES.some((tagName) => tagName.startsWith(name.toLowerCase()));
  const length = plain.length - (isTag ? begun.length : 0);
  const element = BEGUN_ELEMENT.exec(plain.slice(0, length))?.[1];
  return paragraph.slice(0, length) + (element ? `</${element}>` : "");
}

/**
 * Keep a tag as text until its counterpart is found.
 *
 * @param {StateInline} state
 * @param {boolean} silent
 */
function tag(state, silent) {
  TAG.lastIndex = state.pos;
  const [source, slash, name = ""] = TAG.exec(state.src) ?? [];
  if (source === undefined || state.pos + source.length > state.posMax) return false;
  state.pos += source.length;
  if (silent) return true;
  if (name.toLowerCase() === "br") {
    state.push("hardbreak", "br", 0);
    return true;
  }
  const token = state.push("text", "", 0);
  token.content = source;
  token.meta = { name: name.toLowerCase(), isEnd: slash !== "" };
  return true;
}

/**
 * Turn pairs of tags within the same emphasis or link into elements. Other tags stay text.
 *
 * @param {StateInline} state
 */
function pairTags({ tokens }) {
  /** @type {Token[][]} */
  const outer = [];
  /** @type {Token[]} */
  let open = [];
  for (const token of tokens) {
    if (token.nesting > 0) {
      outer.push(open);
      open = [];
    } else if (token.nesting < 0) open = outer.pop() ?? [];
    else if (token.meta?.isEnd) open = open.slice(0, pairWith(open, token));
    else if (token.meta) open = [...open, token].slice(-DEEPEST);
  }
}

/**
 * Turn an end tag and the last open tag of its name into an element.
 *
 * @param {Token[]} open
 * @param {Token} end
 * @returns {number} how many of the open tags stay open
 */
function pairWith(open, end) {
  const at = open.findLastIndex(({ meta }) => meta?.name === end.meta?.name);
  const start = open[at];
  if (!start) return open.length;
  turnIntoTag(start, "open", 1);
  turnIntoTag(end, "close", -1);
  return at;
}

/**
 * @param {Token} token
 * @param {"open" | "close"} half
 * @param {1 | -1} nesting
 */
function turnIntoTag(token, half, nesting) {
  token.tag = String(token.meta?.name);
  token.type = `${token.tag}_${half}`;
  token.nesting = nesting;
  token.content = "";
}

/** The last end of a comment in the source searched last: a source without one is searched only once. */
let searched = { source: "", last: -1 };

/** @param {StateInline} state */
function comment(state) {
  const { src: source, pos, posMax } = state;
  if (!source.startsWith(COMMENT, pos)) return false;
  if (searched.source !== source) searched = { source, last: source.lastIndexOf(COMMENT_END) };
  // `<!-->` and `<!--->` are comments, too.
  if (searched.last < pos + 2) return false;
  const end = source.indexOf(COMMENT_END, pos + 2) + COMMENT_END.length;
  if (end > posMax) return false;
  state.pos = end;
  return true;
}

/**
 * Skip lines that contain only comments. A comment that is open at the end of a growing source may yet be closed.
 *
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 */
function commentLines(state, first, last) {
  if ((state.sCount[first] ?? 0) - state.blkIndent >= 4) return false;
  /** @type {boolean | undefined} */
  let isOpen = false;
  for (let line = first; line < last; line++) {
    if (isOver(state, line) || line - first > MOST_LINES) return false;
    isOpen = opensComment(lineOf(state, line), isOpen);
    if (isOpen === undefined) return false;
    if (isOpen) continue;
    state.line = line + 1;
    return true;
  }
  if (!(/** @type {GrowingEnv} */ (state.env).isGrowing)) return false;
  state.line = last;
  const token = state.push("comment", "", 0);
  token.map = [first, last];
  token.hidden = true;
  return true;
}

/**
 * Return whether a comment is open at the end of a line, or undefined if the line has other text.
 *
 * @param {string} line
 * @param {boolean} wasOpen at its start
 */
function opensComment(line, wasOpen) {
  let [text, isOpen] = [line, wasOpen];
  while (text !== "") {
    if (!isOpen && !text.startsWith(COMMENT)) return undefined;
    const end = text.indexOf(COMMENT_END, isOpen ? 0 : 2);
    isOpen = end < 0;
    text = isOpen ? "" : text.slice(end + COMMENT_END.length).trimStart();
  }
  return isOpen;
}
