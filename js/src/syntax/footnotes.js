/**
 * Footnotes: `[^1]` in a text, and `[^1]: …` at the start of a line for the note itself, which stays where it is.
 *
 * The package markdown-it-footnote needs the whole text, and moves the notes to its end. Here blocks are parsed one by
 * one while the text grows, so a reference shows its own label instead of a number.
 */

import { lineOf, startOf } from "./lines.js";

/** @import { StateBlock, StateInline } from "markdown-it" */
/** @import { GrowingEnv } from "./math_syntax.js" */

/** The environment of a source whose notes may follow. @typedef {GrowingEnv & { awaitsNotes?: boolean }} NotesEnv */

/** The classes of a note, of its label, and of a reference to it. */
export const NOTE = "chatwidget-note";
export const NOTE_LABEL = "chatwidget-note-label";
export const NOTE_REFERENCE = "chatwidget-note-reference";

const BEGINNING = /^\[\^([^[\]\s]{1,50})\]:[ \t]*(?=\S)/;
const REFERENCE = /\[\^([^[\]\s]{1,50})\]/y;

/** A label that is certainly one, before its note is there. */
const NUMBER = /^\d{1,3}$/;

/** The indentation of the other lines of a note. */
const INDENT = 2;

/** A note or a reference that is still being written, at the start of a line. */
const BEGUN = /^\[\^[^[\]\s]*(?:\]:?[ \t]*)?$/m;

/** The names of notes begin with a character that those of links cannot have. @param {string} label */
const nameOf = (label) => `]${label.toLowerCase()}`;

/** Return true for the name of a note among references. @param {string} name */
export const isNote = (name) => name.startsWith("]");

/** Remove a note that has just begun from the end of a source. @param {string} source */
export const withoutBegunNote = (source) =>
  source.replace(BEGUN, (begun, at) => (at + begun.length === source.length ? "" : begun));

/** A markdown-it plugin for footnotes. @param {import("markdown-it").MarkdownIt} markdown */
export function footnotes(markdown) {
  markdown.block.ruler.before("reference", "note", note, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  markdown.inline.ruler.before("link", "note", reference);
  const { escapeHtml } = markdown.utils;
  markdown.renderer.rules.note_label = (tokens, index) => {
    const { content = "", info = "" } = tokens[index] ?? {};
    return `<sup class="${info}">${escapeHtml(content)}</sup>`;
  };
}

/**
 * @param {StateBlock} state
 * @param {number} first
 * @param {number} last
 * @param {boolean} silent
 */
function note(state, first, last, silent) {
  const [beginning, label] = BEGINNING.exec(lineOf(state, first)) ?? [];
  const indent = state.sCount[first] ?? 0;
  if (label === undefined || indent >= 4) return false;
  // At the margin it ends a paragraph in a list or another note.
  if (silent) return state.level === 0 || indent < Math.min(INDENT, state.blkIndent);
  if (state.level > 0) return false;
  state.env.references ??= {};
  state.env.references[nameOf(label)] ??= { href: "", title: "" };
  const open = state.push("note_open", "section", 1);
  open.attrs = [["class", NOTE]];
  Object.assign(state.push("note_label", "", 0), { content: label, info: NOTE_LABEL });
  const { blkIndent, parentType, tight } = state;
  const marks = [state.bMarks, state.tShift, state.sCount];
  const kept = marks.map((all) => all[first] ?? 0);
  state.bMarks[first] = startOf(state, first) + (beginning ?? "").length;
  state.tShift[first] = 0;
  state.sCount[first] = INDENT;
  Object.assign(state, { blkIndent: INDENT, parentType: "note" });
  state.md.block.tokenize(state, first, last);
  for (const [index, all] of marks.entries()) all[first] = kept[index] ?? 0;
  Object.assign(state, { blkIndent, parentType, tight });
  open.map = [first, state.line];
  state.push("note_close", "section", -1);
  return true;
}

/**
 * @param {StateInline} state
 * @param {boolean} silent
 */
function reference(state, silent) {
  REFERENCE.lastIndex = state.pos;
  const [whole, label] = REFERENCE.exec(state.src) ?? [];
  if (label === undefined || !isKnown(/** @type {NotesEnv} */ (state.env), label)) return false;
  if (!silent) Object.assign(state.push("note_label", "", 0), { content: label, info: NOTE_REFERENCE });
  state.pos += (whole ?? "").length;
  return true;
}

/**
 * Return true if a label has a note, or will probably have one.
 *
 * @param {NotesEnv} env
 * @param {string} label
 */
function isKnown({ references, isGrowing, awaitsNotes }, label) {
  // A missing note is asked for even if it is expected: that is how a block is rendered anew if it never comes.
  const isThere = references?.[nameOf(label)] !== undefined;
  return isThere || Boolean((isGrowing || awaitsNotes) && NUMBER.test(label));
}
