/** What is to be read aloud of a Markdown text as it grows: its finished sentences, without signs. No DOM. */

/** @import { Strings } from "./strings.js" */

/** So many characters of a line tell what it is. */
const ENOUGH = 12;

/** What has no end after so many characters is said as it is. */
const LONG = 2000;

const FENCE = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(\x60{3,}|~{3,})/;
const ROW = /^[\s>]*\|/;
const FORMULA = /^[\s>]*(?:\$\$|\\\[)/;
const FORMULA_END = /(?:\$\$|\\\])\s*$/;
/** What begins a quotation, a heading, an item or a task. */
const PREFIX = /^[\s>]*(?:#{1,6}\s+|(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?)?/;
const HEADING = /^[\s>]*#{1,6}\s/;
/** Rules, and the lines below headings. */
const RULE = /^[\s>]*[-*_=][-*_=\s]*$/;

const LINK = /!?\[([^\]\n]{0,500})\](?:\([^()\s]{0,2000}(?:\s[^()\n]{0,200})?\)|\[[^\]\n]{0,100}\])/g;
const INLINE_FORMULA = /\\\(.{0,500}?\\\)|\$(?=\S)[^$\n]{1,300}(?<=\S)\$(?!\d)/g;
/** Emphasis and code: signs at an edge of a word. */
const SIGNS = /(?<!\\)(?:[*_~\x60]{2,}|(?<![\p{L}\p{N}])[*_\x60]+|[*_\x60]+(?![\p{L}\p{N}]))/gu;
const ESCAPED = /\\([!-/:-@[-\x60{-~])/g;

/** A block that is named instead of read: whether a line ends it, and whether that line is still part of it. */
/** @typedef {{ ends: (line: string) => boolean, includesEnd: boolean }} Skipped */

export class Reader {
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
  #said = [];

  /** @param {Strings} strings */
  constructor(strings) {
    this.#strings = strings;
    this.#sentencesOf = splitter(strings.language);
  }

  /**
   * @param {string} text all there is by now
   * @param {boolean} isWhole whether nothing is to follow
   * @returns {string[]} what is finished since the last time
   */
  read(text, isWhole) {
    // What was read as the answer may turn out to be reasoning.
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
    else this.#sayFinished();
    return this.#said.splice(0);
  }

  /** Whether an unfinished line is sure to be prose. @param {string} line */
  #isClear(line) {
    if (this.#inProse) return true;
    return !this.#skipped && line.trim().length >= ENOUGH && !isSpecial(line) && !RULE.test(line);
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
    this.#isHeading = HEADING.test(line);
    return line.slice(prefix.length);
  }

  /** @param {string} line */
  #skip(line) {
    this.#flush();
    const fence = FENCE.exec(line)?.[1];
    if (fence) {
      this.#say(this.#strings.spokenCode);
      this.#skipped = { ends: (next) => closes(next, fence), includesEnd: true };
    } else if (ROW.test(line)) {
      this.#say(this.#strings.spokenTable);
      this.#skipped = { ends: (next) => !ROW.test(next), includesEnd: false };
    } else {
      this.#say(this.#strings.spokenFormula);
      const isOneLine = FORMULA_END.test(line.replace(FORMULA, ""));
      if (!isOneLine) this.#skipped = { ends: (next) => FORMULA_END.test(next), includesEnd: true };
    }
  }

  #sayFinished() {
    const text = this.#pending.replace(LINK, "$1");
    const held = text.length > LONG ? text.length : beginningLink(text);
    const sentences = this.#sentencesOf(text.slice(0, held));
    const last = sentences.at(-1) ?? "";
    const isLong = last.length > LONG;
    this.#pending = (isLong ? "" : last) + text.slice(held);
    for (const sentence of isLong ? sentences : sentences.slice(0, -1)) this.#say(sentence);
  }

  #flush() {
    for (const sentence of this.#sentencesOf(this.#pending.replace(LINK, "$1"))) this.#say(sentence);
    this.#pending = "";
  }

  /** @param {string} source */
  #say(source) {
    const words = spoken(source, this.#strings);
    if (/[\p{L}\p{N}]/u.test(words)) this.#said.push(words);
  }
}

/** @param {string} line */
const isSpecial = (line) => FENCE.test(line) || ROW.test(line) || FORMULA.test(line);

/**
 * @param {string} line
 * @param {string} fence
 */
function closes(line, fence) {
  const signs = line.replace(/^[\s>]*/, "").trimEnd();
  return signs.length >= fence.length && signs === fence.charAt(0).repeat(signs.length);
}

/** Where a link or an image begins that has not ended; the end where there is none. @param {string} text */
function beginningLink(text) {
  const at = text.lastIndexOf("[");
  const isOpen = at >= 0 && /^[^\]\n]*(?:\](?:\([^)\n]*)?)?$/.test(text.slice(at + 1));
  return isOpen ? at - (text[at - 1] === "!" ? 1 : 0) : text.length;
}

/**
 * @param {string} source
 * @param {Strings} strings
 */
function spoken(source, strings) {
  return source
    .replace(INLINE_FORMULA, strings.spokenFormula)
    .replace(SIGNS, "")
    .replace(ESCAPED, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * @param {string} language
 * @returns {(text: string) => string[]}
 */
function splitter(language) {
  // Firefox has it since 2024 only.
  if (Intl.Segmenter === undefined)
    return (text) => text.match(/[^.!?\u2026\u3002]+(?:[.!?\u2026\u3002]+\s*|$)/g) ?? [];
  const segmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  return (text) => Array.from(segmenter.segment(text), ({ segment }) => segment);
}
