/** Markdown to HTML: CommonMark and GFM without raw HTML. The result must still pass `sanitize.js`. */

import MarkdownIt from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";
import { alerts } from "./alerts.js";
import { footnotes, withoutBegunNote } from "./footnotes.js";
import { htmlTags, mayAwaitTag, withoutBegunTag } from "./html_tags.js";
import { links } from "./links.js";
import { mathSyntax, OPEN, withOpenFormula } from "./math_syntax.js";

/** @import { Env, Token } from "markdown-it" */
/** @import { NotesEnv } from "./footnotes.js" */
/** @import { GrowingEnv } from "./math_syntax.js" */

/** The marker of a task, at the start of a list item. */
const BOX = /^\[([ xX])\][ \t]/;

/** An unfinished link, image, footnote or alert, but not the box of a task. */
const BEGUN_LINK = /(?<!^\s*(?:[-*+]|\d+[.)])\s+)!?\[([^[\]\n]*)(?:\]\([^()\n]*)?$/m;

/** Characters that may open something that ends later. */
const WAITING = /[*~$\x60[]|(?<![\p{L}\d])_|_(?![\p{L}\d])/u;

const CODE = /^(?: {4}|\t| {0,3}(?:\x60{3}|~~~))/m;

const markdown = new MarkdownIt({ html: false, linkify: true })
  .use(cjkFriendly)
  .use(links)
  .use(mathSyntax)
  .use(htmlTags)
  .use(footnotes)
  .use(alerts)
  .use(tasks)
  .use(looseness)
  .use(alignment);

/**
 * A top-level block of a text.
 *
 * @typedef {object} Piece
 * @property {string} type of its first token
 * @property {string} markup
 * @property {number} line of its start
 * @property {number} lead how many lines of its source come before it
 * @property {number[]} inner the lines of its source where its items or rows begin
 * @property {number} empty the number of empty cells
 * @property {boolean} isOpen whether it may still merge with the block before it
 * @property {boolean} isLoose of a list: whether the paragraph of its last item is rendered as one
 * @property {string} source
 */

/**
 * The environment of a part of a list whose other parts may be loose.
 *
 * @typedef {NotesEnv & { isLoose?: boolean | undefined }} PartEnv
 */

/**
 * Return the top-level blocks of a text, without their source. Its definitions go to `env`.
 *
 * @param {string} source
 * @param {GrowingEnv} env
 */
export function outline(source, env) {
  /** @type {Piece[]} */
  const pieces = [];
  for (const token of blockTokens(source, env)) {
    const { level, map, nesting, type, markup, info } = token;
    const last = pieces.at(-1);
    if (level === 0 && map && nesting >= 0) {
      pieces.push({
        type,
        markup,
        line: map[0],
        lead: pieces.length === 0 ? map[0] : 0,
        inner: [],
        empty: 0,
        isOpen: info === OPEN,
        isLoose: false,
        source: "",
      });
    } else if (last) addTo(last, token);
  }
  return pieces;
}

/**
 * Add a token's lines and cells to its block.
 *
 * @param {Piece} piece
 * @param {Token} token
 */
function addTo(piece, { type, level, map, hidden, content }) {
  if (map && ((type === "list_item_open" && level === 1) || (type === "tr_open" && level === 2))) {
    piece.inner.push(map[0] - piece.line + piece.lead);
  }
  if (type === "paragraph_open" && level === 2) piece.isLoose = !hidden;
  if (type === "inline" && content === "") piece.empty++;
}

/**
 * @param {string} source
 * @param {GrowingEnv} env
 */
function blockTokens(source, env) {
  /** @type {Token[]} */
  const tokens = [];
  markdown.block.parse(source, markdown, env, tokens);
  return tokens;
}

/**
 * Return true if nothing in a paragraph is open: text after a space cannot change it.
 *
 * @param {string} source
 * @param {Env} env
 */
export function isComplete(source, env) {
  const inline = blockTokens(source, env).filter(({ type }) => type === "inline");
  if (inline.length !== 1) return false;
  /** @type {Token[]} */
  const tokens = [];
  markdown.inline.parse(inline[0]?.content ?? "", markdown, env, tokens);
  const text = tokens.map(({ type, content, markup }) => {
    if (type === "text_special") return /^\\[([b]$/.test(markup) ? "[" : ".";
    return type === "text" ? content : ".";
  });
  return !WAITING.test(text.join("")) && !mayAwaitTag(text.join(""));
}

/**
 * Return the HTML of a text.
 *
 * @param {string} source
 * @param {PartEnv} env
 */
export function render(source, env) {
  return markdown.render(source, env).trim();
}

/**
 * Hide the unfinished markup at the end of a growing source: links, tags, footnotes and formulas.
 *
 * @param {string} source
 */
export function repairUnfinished(source) {
  const start = source.lastIndexOf("\n\n") + 1;
  const paragraph = source.slice(start);
  const isCode = paragraph.split("\x60").length % 2 === 0 || CODE.test(source);
  if (isCode) return source;
  const shown = withoutBegunNote(source.slice(0, start) + withoutBegunTag(paragraph));
  return withOpenFormula(shown.replace(BEGUN_LINK, (_, label) => (/^[!^]/.test(label) ? "" : label)));
}

/**
 * A plugin for tasks: list items that begin with `[ ]` or `[x]`.
 *
 * @param {import("markdown-it").MarkdownIt} markdown
 */
function tasks(markdown) {
  markdown.core.ruler.push("tasks", ({ tokens }) => {
    for (const [index, { children }] of tokens.entries()) {
      const isFirst =
        tokens[index - 1]?.type === "paragraph_open" && tokens[index - 2]?.type === "list_item_open";
      if (children && isFirst) markTask(children);
    }
  });
}

/**
 * A plugin that renders the paragraphs of a part of a list as such if other parts make the list loose.
 *
 * @param {import("markdown-it").MarkdownIt} markdown
 */
function looseness(markdown) {
  markdown.core.ruler.after("block", "looseness", ({ tokens, env }) => {
    if (!(/** @type {PartEnv} */ (env).isLoose)) return;
    for (const token of tokens) if (token.level === 2 && /^paragraph_/.test(token.type)) token.hidden = false;
  });
}

/** @param {Token[]} children */
function markTask(children) {
  const first = children[0];
  const box = first?.type === "text" && BOX.exec(first.content);
  if (!first || !box) return;
  const checkbox = new MarkdownIt.Token("checkbox", "input", 0);
  checkbox.attrs = [
    ["type", "checkbox"],
    ["disabled", ""],
  ];
  if (box[1] !== " ") checkbox.attrPush(["checked", ""]);
  first.content = first.content.slice("[x]".length);
  children.unshift(checkbox);
}

/**
 * A plugin that aligns table cells by an attribute, as content may have no style.
 *
 * @param {import("markdown-it").MarkdownIt} markdown
 */
function alignment(markdown) {
  markdown.core.ruler.push("alignment", ({ tokens }) => {
    for (const token of tokens) {
      if (token.type !== "th_open" && token.type !== "td_open") continue;
      const side = /^text-align:(\w+)$/.exec(String(token.attrGet("style")))?.[1];
      token.attrs = side === undefined ? null : [["align", side]];
    }
  });
}
