/**
 * Formulas in Markdown: `$…$`, `\(…\)`, `$$…$$`, `\[…\]` and `\begin{align}…\end{align}`. Each becomes an element;
 * `math.js` draws it.
 */

import { isOver, lineOf } from "./lines.js";

/** @import { Env, StateBlock, StateInline } from "markdown-it" */

/**
 * The environment of a source that may grow: an open formula at its end counts as one.
 *
 * @typedef {Env & { isGrowing?: boolean }} GrowingEnv
 */

/** Delimiters of display formulas. */
const DISPLAYED = new Map([
  ["$$", "$$"],
  ["\\[", "\\]"],
]);

/** Environments that are formulas without delimiters; those of `IN_LINE` are part of a line. */
const ENVIRONMENTS = "(?:\\w{0,9}(?:align|gather|matrix|cases|array)\\w{0,9}|equation|multline|split|CD)\\*?";
const ENVIRONMENT = new RegExp(`^\\\\begin\\{${ENVIRONMENTS}\\}`);
const HALVES = /\\(begin|end)\{[^{}\n]*\}/g;
const IN_LINE = /^\\begin\{\w*(?:ed|matrix\*?|cases|array)\}/;

/** The deepest nesting of environments. */
const DEEPEST = 8;

/** The classes of formulas, and of unfinished ones. */
const INLINE = "chatwidget-math";
const DISPLAY = "chatwidget-math chatwidget-math-display";
export const OPEN = "chatwidget-math-open";

/** The longest formula, in characters and in lines. */
const LONGEST = 5000;
const MOST_LINES = 200;

/** Text after a dollar sign that is no formula: an amount and a word, a shell variable in a path, code. */
const NO_FORMULA = /^[\d.,]+[kKmMbB]?[,;:]?\s+\p{L}{2}|^\{?[A-Z_][A-Z\d_]+\}?[/:]|\x60/u;

/** Text that is no formula if letters follow its second dollar sign: a variable, an amount, something unfinished. */
const NO_FORMULA_IN_WORD = /^\{?_?[A-Za-z]{3}|^[\d.,]+[kKmMbB]?\s|[^\p{L}\d)\]}|'!]$/u;

/** An unfinished inline formula. */
const BEGUN = new RegExp(
  String.raw`(?:\\[([](?:(?!\\[()[\]]|\n\s*\n).)*|\\begin\{(?<=\S[^\n]*?\\begin\{)${ENVIRONMENTS}\}(?:(?!\\(?:begin|end)\{|\n\s*\n).)*)$`,
  "s",
);

/** A markdown-it plugin for formulas. @param {import("markdown-it").MarkdownIt} markdown */
export function mathSyntax(markdown) {
  const { escapeHtml } = markdown.utils;
  markdown.inline.ruler.before("escape", "formula", inlineFormula);
  markdown.block.ruler.before("fence", "formula", displayFormula, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  markdown.renderer.rules.formula = (tokens, index) => {
    const { content = "", info = "", block = false } = tokens[index] ?? {};
    const formula = `<span class="${info}">${escapeHtml(content)}</span>`;
    return block ? `<p>${formula}</p>\n` : formula;
  };
}

/**
 * Escape the unfinished formula at the end of a growing source, so that it is shown literally.
 *
 * @param {string} source
 */
export function withOpenFormula(source) {
  return source.replace(BEGUN, (begun) => begun.replace(/[!-/:-@[-`{-~]/g, "\\$&"));
}

/**
 * Parse an inline formula.
 *
 * @param {StateInline} state
 * @param {boolean} silent
 */
function inlineFormula(state, silent) {
  const end = endOf(state.src, state.pos);
  if (end === undefined || end - state.pos > LONGEST) return false;
  if (!silent) {
    const token = state.push("formula", "", 0);
    token.content = state.src.slice(state.pos, end);
    token.info = isDisplayed(token.content) ? DISPLAY : INLINE;
  }
  state.pos = end;
  return true;
}

/**
 * Return the end of the formula that begins at a position, if it has one. The next delimiter of its kind decides: no
 * text is searched twice.
 *
 * @param {string} source
 * @param {number} start
 */
function endOf(source, start) {
  const two = source.slice(start, start + 2);
  if (two === "$$") return closedBy(source, start, /\$\$/g, "$$");
  if (two === "\\(") return closedBy(source, start, /\\[()]/g, "\\)");
  if (two === "\\[") return closedBy(source, start, /\\[[\]]/g, "\\]");
  if (two === "\\b") return endOfEnvironment(source, start);
  return source[start] === "$" ? endOfDollars(source, start) : undefined;
}

/**
 * @param {string} source
 * @param {number} start
 * @param {RegExp} sign
 * @param {string} closing
 */
function closedBy(source, start, sign, closing) {
  sign.lastIndex = start + 2;
  const match = sign.exec(source);
  const isEmpty = match && source.slice(start + 2, match.index).trim() === "";
  return match?.[0] === closing && !isEmpty ? sign.lastIndex : undefined;
}

/** Return true if a formula is a display formula. @param {string} formula */
function isDisplayed(formula) {
  return /^(?:\$\$|\\\[)/.test(formula) || (/^\\b/.test(formula) && !IN_LINE.test(formula));
}

/**
 * @param {string} source
 * @param {number} start
 */
function endOfEnvironment(source, start) {
  const text = source.slice(start, start + LONGEST);
  if (!beginsEnvironment(text)) return undefined;
  const { depth, end } = nesting(text, 0);
  return depth === 0 ? start + end : undefined;
}

/** Return true if a text begins with a formula without delimiters. @param {string} text */
export const beginsEnvironment = (text) => ENVIRONMENT.test(text);

/** @param {string} line */
const isOpenEnvironment = (line) => beginsEnvironment(line) && nesting(line, 0).depth > 0;

/**
 * Follow nested environments to the end of the outermost, or of the text.
 *
 * @param {string} text
 * @param {number} depth how many are open before it
 */
function nesting(text, depth) {
  let inner = depth;
  for (const { 0: half, 1: kind, index } of text.matchAll(HALVES)) {
    inner += kind === "begin" ? 1 : -1;
    if (inner <= 0 || inner > DEEPEST) return { depth: inner, end: index + half.length };
  }
  return { depth: inner, end: text.length };
}

/**
 * @param {string} source
 * @param {number} start
 */
function endOfDollars(source, start) {
  const [before, first] = [source[start - 1] ?? "", source[start + 1] ?? " "];
  if (before === "$" || /[\s$]/.test(first)) return undefined;
  // `CO$_2$` and `5$\mu$m` are formulas, `US$5` is none.
  const isInWord = /[A-Za-z\d]/.test(before);
  if (isInWord && !/[\\^_]/.test(first)) return undefined;
  const end = closingDollar(source, start + 1);
  if (end === undefined) return undefined;
  const formula = source.slice(start + 1, end);
  const after = source[end + 1] ?? "";
  if (/[\d{$]/.test(after) || NO_FORMULA.test(formula)) return undefined;
  if (isInWord && /\s[A-Za-z]{2}/.test(formula)) return undefined;
  return /[A-Za-z]/.test(after) && NO_FORMULA_IN_WORD.test(formula) ? undefined : end + 1;
}

/**
 * Return the position of the next unescaped dollar sign, if it may close a formula: no space precedes it.
 *
 * @param {string} source
 * @param {number} start
 */
function closingDollar(source, start) {
  const sign = /\\.|\$/gs;
  sign.lastIndex = start;
  let match = sign.exec(source);
  while (match && match[0] !== "$") match = sign.exec(source);
  return match && !/\s/.test(source[match.index - 1] ?? "") ? match.index : undefined;
}

/**
 * Parse a display formula: on one line, or from a line with only the delimiter to one that ends with its counterpart.
 * A formula without an empty line or an end may still grow.
 *
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @param {boolean} silent
 */
function displayFormula(state, first, last, silent) {
  if ((state.sCount[first] ?? 0) - state.blkIndent >= 4) return false;
  // The first line of an environment ends a paragraph, before the environment is closed.
  if (silent && isOpenEnvironment(lineOf(state, first))) return true;
  const end = lastLine(state, first, last);
  if (end === undefined) return false;
  const isOpen = end === last;
  if (isOpen && !(/** @type {GrowingEnv} */ (state.env).isGrowing)) return false;
  if (silent) return true;
  state.line = isOpen ? last : end + 1;
  const token = state.push("formula", "", 0);
  token.block = true;
  token.map = [first, state.line];
  token.content = state.getLines(first, state.line, state.blkIndent, false).trim();
  token.info = isOpen ? OPEN : DISPLAY;
  return true;
}

/**
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @returns {number | undefined} `last` if it is still open
 */
function lastLine(state, first, last) {
  const text = lineOf(state, first);
  if (beginsEnvironment(text)) return endingLine(state, first, last);
  const closing = DISPLAYED.get(text.slice(0, 2));
  if (closing === undefined) return undefined;
  if (text.length === 2) return closingLine(state, first, last, closing);
  return isClosed(text, closing) ? first : undefined;
}

/**
 * Find the line that ends an environment, with at most punctuation after it.
 *
 * @type {typeof lastLine}
 */
function endingLine(state, first, last) {
  let inner = 0;
  for (let line = first; line < last; line++) {
    if (state.isEmpty(line) || isOver(state, line) || line - first > MOST_LINES) return undefined;
    const text = lineOf(state, line);
    const { depth, end } = nesting(text, inner);
    if (depth === 0 && end > 0) return /^[.,;:]?$/.test(text.slice(end)) ? line : undefined;
    if (depth > DEEPEST) return undefined;
    inner = depth;
  }
  return last;
}

/**
 * @param {string} text
 * @param {string} closing
 */
function isClosed(text, closing) {
  return text.length > 4 && text.indexOf(closing, 2) === text.length - 2;
}

/**
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @param {string} closing
 * @returns {number | undefined} `last` if it is still open
 */
function closingLine(state, first, last, closing) {
  for (let line = first + 1; line < last; line++) {
    const isEnd = state.isEmpty(line) || isOver(state, line);
    const text = lineOf(state, line);
    if (isEnd || text === "\\[" || line - first > MOST_LINES) return undefined;
    const at = text.indexOf(closing);
    if (at >= 0) return at === text.length - 2 ? line : undefined;
  }
  return last;
}
