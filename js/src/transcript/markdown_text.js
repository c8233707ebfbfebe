/** Markdown as it is read: the text of its HTML, with a line break between blocks. No DOM. */

import { createBlocks } from "../markdown/blocks.js";
import { MOST } from "../markdown/stream.js";
import { render } from "../syntax/parser.js";
import { stripAnsi } from "../text/ansi.js";

/** @import { Block } from "../markdown/blocks.js" */

/** How many characters are read between two looks at the clock. */
const SLICE = 4000;

/** Elements that do not end a line. */
const INLINE = new Set([
  "a",
  "code",
  "em",
  "img",
  "input",
  "kbd",
  "mark",
  "s",
  "span",
  "strong",
  "sub",
  "sup",
  "u",
]);

/** @type {Record<string, string>} */
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };

/** Return true if an element ends a line. @param {string} name of a tag */
export const isBlock = (name) => !INLINE.has(name);

/** The text of a growing Markdown source. Only what is new is read. */
export class MarkdownText {
  #blocksOf = createBlocks();
  /** @type {Block[]} */
  #blocks = [];
  #read = 0;
  #source = "";
  /** @type {WeakMap<Block, { html: string, text: string }>} */
  #texts = new WeakMap();

  /**
   * Read a source, as far as there is time.
   *
   * @param {string} markdown the whole source so far
   * @param {boolean} isWhole true if it is complete
   * @param {number} until on the clock of `performance.now()`
   * @returns {string | null} the text; null if the time ran out
   */
  read(markdown, isWhole, until) {
    const source = stripAnsi(markdown.slice(0, MOST));
    if (!source.startsWith(this.#source)) this.#read = 0;
    this.#source = source;
    if (isWhole && this.#read === 0 && source.length <= SLICE) return textOfHtml(render(source, {}));
    for (let isRead = false; !isRead; ) {
      this.#read = Math.min(source.length, this.#read + SLICE);
      isRead = this.#read === source.length;
      this.#blocks = this.#blocksOf(source.slice(0, this.#read), isWhole && isRead);
      if (!isRead && performance.now() > until) return null;
    }
    return this.#blocks.map((block) => this.#textOf(block)).join("\n");
  }

  /** @param {Block} block */
  #textOf(block) {
    const { html, joins } = block;
    const known = this.#texts.get(block);
    if (known?.html === html) return known.text;
    // A later part of a table repeats its head.
    const text = textOfHtml(joins === null ? html : html.replace(/<thead>.*?<\/thead>/s, ""));
    this.#texts.set(block, { html, text });
    return text;
  }
}

/** Return the text of HTML that `render` has made: in it, every other `<` and `>` is escaped. @param {string} html */
function textOfHtml(html) {
  return html
    .replace(/<\/?(\w+)[^>]*>/g, (_, /** @type {string} */ name) => (isBlock(name) ? "\n" : ""))
    .replace(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
