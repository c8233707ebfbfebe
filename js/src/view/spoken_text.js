/** Turns a growing Markdown text into sentences for a screen reader, without its markup. No DOM. */

import { alertIn } from "../syntax/alerts.js";
import { closesFence, fenceOf } from "../syntax/lines.js";
import { beginsEnvironment } from "../syntax/math_syntax.js";

/** @import { Strings } from "../i18n/strings.js" */

/** A line this long shows what kind of block it begins. */
const ENOUGH = 12;

/** A sentence without an end is read out after this many characters. */
const LONG = 2000;

const ROW = /^[\s>]*\|/;
const FORMULA = /^[\s>]*(?:\$\$|\\\[)/;
const FORMULA_END = /(?:\$\$|\\\])\s*$/;
/** The prefix of a quotation, a heading, an item, a task or a folded block. */
const PREFIX =
  /^[\s>]*(?:#{1,6}\s+|(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|(?:<\/?(?:details|summary)\b[^<>]*>\s*)+)?/i;
const HEADING = /^[\s>]*(?:#{1,6}\s|<(?:details\b[^<>]*>\s*<)?summary\b)/i;
/** Lines whose kind shows only when they are complete. */
const UNCLEAR = /^[\s>]*(?:\[!|<(?:!--|\/?(?:details|summary)\b)|\\begin\{)/i;
const COMMENT = /^[\s>]*<!--(?!.*-->)/;
/** Code, which is kept, and comments and tags, which are dropped. */
const MARKUP =
  /(?<!\x60)(\x60+)(?!\x60).*?(?<!\x60)\1(?!\x60)|\x60.*$|<!--.*?-->|<\/?(?:br|details|kbd|mark|su[bp]|summary|u)(?:[\s/][^<>]*)?>/gis;
/** A link, an image, a tag or a comment that is still open. */
const BEGUN = /(?:!?\[[^\]\n]*(?:\](?:\([^)\n]*)?)?|<(?:!--.*|[/a-z][^<>]*)?)$/is;
/** Rules, and underlines of headings. */
const RULE = /^[\s>]*[-*_=][-*_=\s]*$/;

const LINK = /!?\[([^\]\n]{0,500})\](?:\([^()\s]{0,2000}(?:\s[^()\n]{0,200})?\)|\[[^\]\n]{0,100}\])/g;
const FOOTNOTE = /\[\^\d{1,3}\]:?/g;
const INLINE_FORMULA =
  /\\\(.{0,500}?\\\)|\\begin\{.{0,500}?\\end\{[^{}]*\}|\$(?=\S)[^$\n]{1,300}(?<=\S)\$(?!\d)/g;
/** Markup of emphasis and code: at the edge of a word. */
const SIGNS = /(?<!\\)(?:[*_~\x60]{2,}|(?<![\p{L}\p{N}])[*_\x60]+|[*_\x60]+(?![\p{L}\p{N}]))/gu;
const ESCAPED = /\\([!-/:-@[-\x60{-~])/g;

/** A block that is named instead of read: a test for its last line, and whether that line belongs to it. */
/** @typedef {{ ends: (line: string) => boolean, includesEnd: boolean }} Skipped */

/** Splits one growing text into sentences; each is returned once. */
export class SpokenTextReader {
  #strings;
  #sentencesOf;
  #at = 0;
  #text = "";
  #inProse = false;
  #isHeading = false;
  #pending = "";
  /** @type {Skipped | null} */
  #skipped = null;
  /** @type {string[]} */
  #finished = [];

  /** @param {Strings} strings */
  constructor(strings) {
    this.#strings = strings;
    this.#sentencesOf = splitter(strings.language);
  }

  /**
   * Return the sentences finished since the last call.
   *
   * @param {string} text the whole text so far
   * @param {boolean} isWhole true if the text is complete
   * @returns {string[]} in reading order
   */
  read(text, isWhole) {
    // What looked like the answer may turn out to be reasoning, and is taken out of it.
    if (!text.startsWith(this.#text.slice(0, this.#at))) {
      [this.#at, this.#pending, this.#inProse, this.#skipped] = [0, "", false, null];
    }
    this.#text = text;
    while (this.#at < text.length) {
      const end = text.indexOf("\n", this.#at);
      const line = text.slice(this.#at, end < 0 ? text.length : end);
      const isEnded = end >= 0 || isWhole;
      if (!isEnded && !this.#isClear(line)) break;
      this.#take(line, isEnded);
      this.#at += line.length + (end >= 0 ? 1 : 0);
    }
    if (isWhole) this.#flush();
    else this.#addFinished();
    return this.#finished.splice(0);
  }

  /** Return true if an unfinished line is certainly prose. @param {string} line */
  #isClear(line) {
    if (this.#inProse) return true;
    const isPlain = !isSpecial(line) && !RULE.test(line) && !UNCLEAR.test(line);
    return !this.#skipped && line.trim().length >= ENOUGH && isPlain;
  }

  /** @type {(line: string, isEnded: boolean) => void} */
  #take(line, isEnded) {
    const prose = this.#inProse ? line : this.#begin(line);
    this.#pending += prose;
    this.#inProse = prose !== "" && !isEnded;
    if (!isEnded) return;
    this.#pending += " ";
    if (this.#isHeading) this.#flush();
    this.#isHeading = false;
  }

  /** @param {string} line @returns {string} its prose */
  #begin(line) {
    if (this.#skipped) {
      const { ends, includesEnd } = this.#skipped;
      if (!ends(line)) return "";
      this.#skipped = null;
      if (includesEnd) return "";
    }
    if (isSpecial(line)) {
      this.#skip(line);
      return "";
    }
    if (RULE.test(line)) return "";
    const prefix = PREFIX.exec(line)?.[0] ?? "";
    if (prefix.trim() || line.trim() === "") this.#flush();
    const prose = line.slice(prefix.length);
    const alert = alertIn(prose);
    this.#isHeading = HEADING.test(line) || alert !== undefined;
    return alert === undefined ? prose : this.#strings.alerts[alert];
  }

  /** @param {string} line */
  #skip(line) {
    this.#flush();
    const fence = fenceOf(line);
    if (fence) {
      this.#add(this.#strings.spokenCode);
      this.#skipped = { ends: (next) => closesFence(next, fence), includesEnd: true };
    } else if (ROW.test(line)) {
      this.#add(this.#strings.spokenTable);
      this.#skipped = { ends: (next) => !ROW.test(next), includesEnd: false };
    } else if (COMMENT.test(line)) {
      this.#skipped = { ends: (next) => next.includes("-->"), includesEnd: true };
    } else {
      this.#add(this.#strings.spokenFormula);
      const ends = endOfFormula(line);
      if (!ends(line.replace(FORMULA, ""))) this.#skipped = { ends, includesEnd: true };
    }
  }

  #addFinished() {
    const text = prose(this.#pending);
    const held = text.length > LONG ? text.length : text.length - (BEGUN.exec(text)?.[0].length ?? 0);
    const sentences = this.#sentencesOf(text.slice(0, held));
    const last = sentences.at(-1) ?? "";
    const isLong = last.length > LONG;
    this.#pending = (isLong ? "" : last) + text.slice(held);
    for (const sentence of isLong ? sentences : sentences.slice(0, -1)) this.#add(sentence);
  }

  #flush() {
    for (const sentence of this.#sentencesOf(prose(this.#pending))) this.#add(sentence);
    this.#pending = "";
  }

  /** @param {string} source */
  #add(source) {
    const words = spoken(source, this.#strings);
    if (/[\p{L}\p{N}]/u.test(words)) this.#finished.push(words);
  }
}

/** @param {string} line */
const isSpecial = (line) =>
  [COMMENT, ROW, FORMULA].some((sign) => sign.test(line)) ||
  fenceOf(line) !== undefined ||
  beginsEnvironment(line.replace(/^[\s>]+/, ""));

/**
 * Return a test for the last line of a display formula, given its first line.
 *
 * @param {string} line
 * @returns {(line: string) => boolean}
 */
function endOfFormula(line) {
  const name = /^[\s>]*\\begin(\{[^{}]*\})/.exec(line)?.[1];
  return name === undefined ? (next) => FORMULA_END.test(next) : (next) => next.includes(`\\end${name}`);
}

/** Reduce links to their text and drop footnotes, tags and comments. @param {string} text */
function prose(text) {
  return text
    .replace(FOOTNOTE, "")
    .replace(LINK, "$1")
    .replace(MARKUP, (markup) => {
      if (markup.startsWith("\x60")) return markup;
      return /^<\/?(?:br|details|summary)/i.test(markup) ? " " : "";
    });
}

/** @param {string} character */
const isOfWord = (character) => /[\p{L}\p{N}]/u.test(character);

/**
 * Return a text as it is read out: formulas named, markup and escapes gone.
 *
 * @param {string} source
 * @param {Strings} strings
 */
function spoken(source, strings) {
  return source
    .replace(INLINE_FORMULA, (formula, /** @type {number} */ at) => {
      const [before, after] = [source[at - 1] ?? "", source[at + formula.length] ?? ""];
      return (isOfWord(before) ? " " : "") + strings.spokenFormula + (isOfWord(after) ? " " : "");
    })
    .replace(SIGNS, "")
    .replace(ESCAPED, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * Return a function that splits a text into sentences.
 *
 * @param {string} language
 * @returns {(text: string) => string[]}
 */
function splitter(language) {
  // Missing in Firefox before 2024.
  if (Intl.Segmenter === undefined)
    return (text) => text.match(/[^.!?\u2026\u3002]+(?:[.!?\u2026\u3002]+\s*|$)/g) ?? [];
  const segmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  return (text) => Array.from(segmenter.segment(text), ({ segment }) => segment);
}
