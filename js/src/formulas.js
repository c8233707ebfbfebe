/** Formulas in Markdown: `$…$`, `\(…\)`, `$$…$$` and `\[…\]`. Here they get an element each; `math.js` draws them. */

/** @import { Env, StateBlock, StateInline } from "markdown-it" */

/** Of a source that may go on: a formula that is open at its end is one. @typedef {Env & { isGrowing?: boolean }} GrowingEnv */

/** How a formula on lines of its own begins, and how it ends. */
const DISPLAYED = new Map([
  ["$$", "$$"],
  ["\\[", "\\]"],
]);

/** The classes of what is a formula, and of what is to be one. */
const INLINE = "chatwidget-math";
const DISPLAY = "chatwidget-math chatwidget-math-display";
const OPEN = "chatwidget-math-open";

/** Formulas are no longer than this, in characters and in lines. */
const LONGEST = 5000;
const MOST_LINES = 200;

/** What a dollar is not part of a formula for: an amount before a word, a variable of a shell in a path, code. */
const NO_FORMULA = /^[\d.,]+[kKmMbB]?\s+\p{L}{2}|^\{?[A-Z_][A-Z\d_]+\}?[/:]|\x60/u;

/** A formula in a line that has begun and not ended. */
const BEGUN = /\\[([](?:(?!\\[()[\]]|\n\s*\n).)*$/s;

/** @param {import("markdown-it").MarkdownIt} markdown */
export function formulas(markdown) {
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
    token.info = /^(?:\$\$|\\\[)/.test(token.content) ? DISPLAY : INLINE;
  }
  state.pos = end;
  return true;
}

/**
 * Where a formula ends that begins here. Whether it does is known at the next sign of its kind: no text is searched twice.
 *
 * @param {string} source
 * @param {number} start
 */
function endOf(source, start) {
  const two = source.slice(start, start + 2);
  if (two === "$$") return closedBy(source, start, /\$\$/g, "$$");
  if (two === "\\(") return closedBy(source, start, /\\[()]/g, "\\)");
  if (two === "\\[") return closedBy(source, start, /\\[[\]]/g, "\\]");
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
  const found = sign.exec(source);
  const isEmpty = found && source.slice(start + 2, found.index).trim() === "";
  return found?.[0] === closing && !isEmpty ? sign.lastIndex : undefined;
}

/**
 * @param {string} source
 * @param {number} start
 */
function endOfDollars(source, start) {
  if (/[A-Za-z\d$]/.test(source[start - 1] ?? "") || /[\s$]/.test(source[start + 1] ?? " ")) return undefined;
  const sign = /\\.|\$/gs;
  sign.lastIndex = start + 1;
  let found = sign.exec(source);
  while (found && found[0] !== "$") found = sign.exec(source);
  if (!found || /\s/.test(source[found.index - 1] ?? "")) return undefined;
  if (/[A-Za-z\d{$]/.test(source[sign.lastIndex] ?? "")) return undefined;
  return NO_FORMULA.test(source.slice(start + 1, found.index)) ? undefined : sign.lastIndex;
}

/**
 * A formula on lines of its own: on one, or from a line with the sign alone to one that ends with its other. Where no line
 * is empty and none closes it, more may come.
 *
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @param {boolean} silent
 */
function onLines(state, first, last, silent) {
  const text = lineOf(state, first);
  const closing = DISPLAYED.get(text.slice(0, 2));
  if (closing === undefined || (state.sCount[first] ?? 0) - state.blkIndent >= 4) return false;
  const end = text.length === 2 ? closingLine(state, first, last, closing) : first;
  if (end === undefined || (end === first && !isClosed(text, closing))) return false;
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
    const isOver = state.isEmpty(line) || (state.sCount[line] ?? 0) < state.blkIndent;
    const text = lineOf(state, line);
    if (isOver || text === "\\[" || line - first > MOST_LINES) return undefined;
    const at = text.indexOf(closing);
    if (at >= 0) return at === text.length - 2 ? line : undefined;
  }
  return last;
}

/**
 * @param {StateBlock} state
 * @param {number} line
 */
function lineOf(state, line) {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trimEnd();
}
