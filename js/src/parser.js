/** Markdown to HTML: CommonMark and GFM without raw HTML. What comes out has one more gate to pass, `sanitize.js`. */

import MarkdownIt from "markdown-it";
import { formulas, withOpenFormula } from "./formulas.js";
import { links } from "./hyperlinks.js";

/** @import { Env, Token } from "markdown-it" */
/** @import { GrowingEnv } from "./formulas.js" */

/** The mark of a task, at the beginning of a list item. */
const BOX = /^\[([ xX])\][ \t]/;

/** A link or an image that has begun, and is not a task's box. */
const BEGUN_LINK = /(?<!^\s*(?:[-*+]|\d+[.)])\s+)!?\[([^[\]\n]*)(?:\]\([^()\n]*)?$/m;

const CODE = /^(?: {4}|\t| {0,3}(?:\x60{3}|~~~))/m;

const markdown = new MarkdownIt({ html: false, linkify: true })
  .use(links)
  .use(formulas)
  .use(tasks)
  .use(alignment);

/**
 * Where the top-level blocks of a text start, as line numbers. Its definitions go to `env`.
 *
 * @param {string} source
 * @param {GrowingEnv} env
 */
export function blockStarts(source, env) {
  /** @type {Token[]} */
  const tokens = [];
  markdown.block.parse(source, markdown, env, tokens);
  return tokens.flatMap(({ level, map, nesting }) => (level === 0 && map && nesting >= 0 ? [map[0]] : []));
}

/**
 * @param {string} source
 * @param {Env} env
 */
export function render(source, env) {
  return markdown.render(source, env).trim();
}

/**
 * A source that is still being written, without the signs of a link that has only begun at its end.
 *
 * @param {string} source
 */
export function mended(source) {
  const paragraph = source.slice(source.lastIndexOf("\n\n") + 1);
  const isCode = paragraph.split("\x60").length % 2 === 0 || CODE.test(source);
  return isCode ? source : withOpenFormula(source.replace(BEGUN_LINK, "$1"));
}

/**
 * A list item that begins with `[ ]` or `[x]` is a task.
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
 * Table cells say how they are aligned in an attribute, as content may have no style.
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
