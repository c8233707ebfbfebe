/** Folded blocks: `<details>` at the start of a line, its `<summary>`, and Markdown up to `</details>`. */

import { closesFence, fenceOf, isOver, lineOf, startOf, withoutCode } from "./lines.js";

/** @import { StateBlock } from "markdown-it" */
/** @import { GrowingEnv } from "./math_syntax.js" */

/** A position in a line. @typedef {{ line: number, at: number }} Place */

/** The environment of a text within this many folded blocks. @typedef {GrowingEnv & { folds?: number }} FoldedEnv */

/** The class that distinguishes the element from those of the view. */
export const DETAILS = "chatwidget-details";

const BEGINNING = /^<details(?:[ \t/][^<>]*)?>/i;
const TAGS = /(?<!\\)<(\/?)details(?:[ \t/][^<>]*)?>/gi;
const SUMMARY = /^<summary(?:[ \t/][^<>]*)?>/i;
const SUMMARY_END = /<\/summary\s*>/i;

/** The deepest nesting of these blocks. */
const DEEPEST = 8;

/** A markdown-it plugin for folded blocks. @param {import("markdown-it").MarkdownIt} markdown */
export function details(markdown) {
  markdown.block.ruler.before("fence", "details", fold, { alt: ["paragraph", "reference", "blockquote"] });
}

/**
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @param {boolean} silent
 */
function fold(state, first, last, silent) {
  const env = /** @type {FoldedEnv} */ (state.env);
  const { folds = 0 } = env;
  const beginning = BEGINNING.exec(lineOf(state, first))?.[0];
  if (!beginning || folds === DEEPEST || (state.sCount[first] ?? 0) - state.blkIndent >= 4) return false;
  // It ends a paragraph even without an end of its own, which a growing source may not have yet.
  if (silent) return true;
  const end = endOf(state, first, last);
  if (!end) return false;
  const token = state.push("details_open", "details", 1);
  token.attrs = [["class", DETAILS]];
  token.map = [first, end.line + 1];
  env.folds = folds + 1;
  putContent(state, { line: first, at: startOf(state, first) + beginning.length }, end);
  env.folds = folds;
  state.push("details_close", "details", -1);
  const rest = state.src.slice(end.after, state.eMarks[end.line]).trim();
  if (rest) putLine(state, "paragraph", "p", rest);
  state.line = end.line + 1;
  return true;
}

/**
 * Find the end of a block. One that is open at the end of a growing source reaches up to there.
 *
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @returns {(Place & { after: number }) | undefined}
 */
function endOf(state, first, last) {
  let depth = 0;
  const outsideCode = codeRemover();
  for (let line = first; line < last; line++) {
    if (isOver(state, line)) return undefined;
    for (const { 0: tag, 1: slash, index } of outsideCode(lineOf(state, line)).matchAll(TAGS)) {
      depth += slash ? -1 : 1;
      const at = startOf(state, line) + index;
      if (depth === 0) return { line, at, after: at + tag.length };
      // This keeps the time linear for texts full of unclosed tags.
      if (depth > DEEPEST) return undefined;
    }
  }
  return openEnd(state, last - 1);
}

/**
 * Return the end of a growing source, where an open block ends so far.
 *
 * @param {StateBlock} state
 * @param {number} line the last one
 */
function openEnd(state, line) {
  if (!(/** @type {GrowingEnv} */ (state.env).isGrowing)) return undefined;
  const at = state.eMarks[line] ?? 0;
  return { line, at, after: at };
}

/** Return a function that takes the lines of a text in order, replaces inline code with dots, and empties fences. */
function codeRemover() {
  let fence = "";
  return (/** @type {string} */ line) => {
    const inCode = fence !== "";
    if (!inCode) fence = fenceOf(line) ?? "";
    else if (closesFence(line, fence)) fence = "";
    return inCode || fence ? "" : withoutCode(line);
  };
}

/**
 * Parse the text between two positions as blocks, whatever their indentation.
 *
 * @param {StateBlock} state
 * @param {Place} from
 * @param {Place} to
 */
function putContent(state, from, to) {
  const { blkIndent, lineMax, tight } = state;
  const marks = [state.bMarks, state.tShift, state.sCount, state.eMarks];
  state.lineMax = to.line + 1;
  const summary = summaryOf(state, from, to);
  const start = summary?.end ?? from;
  const kept = [start.line, to.line].map((line) => marks.map((all) => all[line] ?? 0));
  state.eMarks[to.line] = to.at;
  if (summary) putLine(state, "summary", "summary", summary.text);
  const left = state.src.slice(start.at, state.eMarks[start.line]);
  state.bMarks[start.line] = start.at;
  state.tShift[start.line] = left.length - left.trimStart().length;
  state.blkIndent = indentOf(state, start.line + 1);
  state.sCount[start.line] = state.blkIndent;
  state.md.block.tokenize(state, start.line, state.lineMax);
  for (const [index, all] of marks.entries()) {
    all[to.line] = kept[1]?.[index] ?? 0;
    all[start.line] = kept[0]?.[index] ?? 0;
  }
  Object.assign(state, { blkIndent, lineMax, tight });
}

/**
 * Find a summary at the start of the text between two positions. An unfinished one reaches to the end.
 *
 * @param {StateBlock} state
 * @param {Place} from
 * @param {Place} to
 * @returns {{ text: string, end: Place } | undefined}
 */
function summaryOf(state, from, to) {
  const startAt = (/** @type {number} */ line) => (line === from.line ? from.at : startOf(state, line));
  const textOf = (/** @type {number} */ line) =>
    state.src.slice(startAt(line), line === to.line ? to.at : state.eMarks[line]);
  let line = from.line;
  while (line < to.line && textOf(line).trim() === "") line++;
  const beginning = SUMMARY.exec(textOf(line))?.[0];
  if (beginning === undefined) return undefined;
  let text = textOf(line).slice(beginning.length);
  let at = startAt(line) + beginning.length;
  const parts = [];
  for (;;) {
    const end = SUMMARY_END.exec(text);
    parts.push(text.slice(0, end?.index).trim());
    if (end) return { text: parts.join("\n").trim(), end: { line, at: at + end.index + end[0].length } };
    if (line === to.line) break;
    line++;
    [text, at] = [textOf(line), startAt(line)];
    if (text.trim() === "" && line < to.line) return undefined;
  }
  if (!(/** @type {GrowingEnv} */ (state.env).isGrowing)) return undefined;
  return { text: parts.join("\n").trim(), end: to };
}

/**
 * Return the least indentation of the lines from one on.
 *
 * @param {StateBlock} state
 * @param {number} first
 */
function indentOf(state, first) {
  let least = Number.POSITIVE_INFINITY;
  for (let line = first; line < state.lineMax; line++) {
    if (!state.isEmpty(line)) least = Math.min(least, state.sCount[line] ?? 0);
  }
  return Number.isFinite(least) ? least : state.blkIndent;
}

/**
 * Push a block of inline content.
 *
 * @param {StateBlock} state
 * @param {string} name
 * @param {string} tag
 * @param {string} content
 */
function putLine(state, name, tag, content) {
  state.push(`${name}_open`, tag, 1);
  const token = state.push("inline", "", 0);
  token.content = content;
  token.children = [];
  state.push(`${name}_close`, tag, -1);
}
