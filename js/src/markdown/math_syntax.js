/**
 * Formulas in Markdown: `$…$`, `\(…\)`, `$$…$$`, `\[…\]` and `\begin{align}…\end{align}`. Here they get an element
 * each; `math.js` draws them.
 */

import { isOver, lineOf } from "./lines.js";

/** @import { Env, StateBlock, StateInline } from "markdown-it" */

/**
 * Of a source that may go on: a formula that is open at its end is one.
 *
 * @typedef {Env & { isGrowing?: boolean }} GrowingEnv
 */

/** How a formula on lines of its own begins, and how it ends. */
const DISPLAYED = new Map([
  ["$$", "$$"],
  ["\\[", "\\]"],
]);

/** Environments that are formulas without any signs around them; of these, the ones that are part of a line. */
const ENVIRONMENTS = "(?:\\w{0,9}(?:align|gather|matrix|cases|array)\\w{0,9}|equation|multline|split|CD)\\*?";
const ENVIRONMENT = new RegExp(`^\\\\begin\\{${ENVIRONMENTS}\\}`);
const HALVES = /\\(begin|end)\{[^{}\n]*\}/g;
const IN_LINE = /^\\begin\{\w*(?:ed|matrix\*?|cases|array)\}/;

/** How many environments may be within each other. */
const DEEPEST = 8;

/** The classes of what is a formula, and of what is to be one. */
const INLINE = "chatwidget-math";
const DISPLAY = "chatwidget-math chatwidget-math-display";
export const OPEN = "chatwidget-math-open";

/** Formulas are no longer than this, in characters and in lines. */
const LONGEST = 5000;
const MOST_LINES = 200;

/** What a dollar is not part of a formula for: an amount before a word, a variable of a shell in a path, code. */
const NO_FORMULA = /^[\d.,]+[kKmMbB]?[,;:]?\s+\p{L}{2}|^\{?[A-Z_][A-Z\d_]+\}?[/:]|\x60/u;

/** What is no formula if a word goes on behind it: a variable, an amount, something unfinished. */
const NO_FORMULA_IN_WORD = /^\{?_?[A-Za-z]{3}|^[\d.,]+[kKmMbB]?\s|[^\p{L}\d)\]}|'!]$/u;

/** A formula in a line that has begun and not ended. */
const BEGUN = new RegExp(
  String.raw`(?:\\[([](?:(?!\\[()[\]]|\n\s*\n).)*|\\begin\{(?<=\S[^\n]*?\\begin\{)${ENVIRONMENTS}\}(?:(?!\\(?:begin|end)\{|\n\s*\n).)*)$`,
  "s",
);

/** @param {import("markdown-it").MarkdownIt} markdown */
export function mathSyntax(markdown) {
  const { escapeHtml } = markdown.utils;
  markdown.inline.ruler.before("escape", "formula", inLine);
  markdown.block.ruler.before("fence", "formula", onLines, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  markdown.renderer.rules.formula = (tokens, index) => {
    const { content = "", info = "", block = false } = tokens[index] ?? {};
    const formula = `<span class="${info}">${escapeHtml(content)}</span>`;
    return block ? `<p>${formula}</p>\n` : formula;
  };
}

/**
 * A source that is still being written, whose open formula is to be shown to the letter.
 *
 * @param {string} source
 */
export function withOpenFormula(source) {
  return source.replace(BEGUN, (begun) => begun.replace(/[!-/:-@[-`{-~]/g, "\\$&"));
}

/**
 * @param {StateInline} state
 * @param {boolean} silent
 */
function inLine(state, silent) {
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
 * Where a formula ends that begins here. Whether it does is known at the next sign of its kind: no text is searched
 * twice.
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

/** Whether a formula gets a line of its own. @param {string} formula */
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

/** Whether a text begins with a formula that has no signs around it. @param {string} text */
export const beginsEnvironment = (text) => ENVIRONMENT.test(text);

/** @param {string} line */
const isOpenEnvironment = (line) => beginsEnvironment(line) && nesting(line, 0).depth > 0;

/**
 * Follow environments to the end of the outermost, or of the text.
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
  // `CO$_2$` and `5$\mu$m` are meant, `US$5` is not.
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
 * Return the place of the next dollar sign that is no escaped one, if it may close a formula: no space is before it.
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
 * A formula on lines of its own: on one, or from a line with the sign alone to one that ends with its other. Where no
 * line is empty and none closes it, more may come.
 *
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @param {boolean} silent
 */
function onLines(state, first, last, silent) {
  if ((state.sCount[first] ?? 0) - state.blkIndent >= 4) return false;
  // Whether an environment ends a paragraph is known from its first line, not only once it is closed.
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
 * @returns {number | undefined} `last` if it is not closed so far
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
 * Find the line that ends an environment, with no more than a full stop or the like behind it.
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
 * @returns {number | undefined} `last` if it is not closed so far
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
