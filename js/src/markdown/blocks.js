/**
 * Splits a growing Markdown text into its top-level blocks, as HTML. A block that can no longer change is settled: it
 * is not parsed again, unless a reference in it gets its definition later. A block that grows long is settled in parts.
 */

import { isNote } from "../syntax/footnotes.js";
import { outline, render, repairUnfinished } from "../syntax/parser.js";
import { continues, createGroup, forcedSplitPointOf, isLoose, splitPointOf } from "./split_points.js";

/** @import { Env } from "markdown-it" */
/** @import { Piece } from "../syntax/parser.js" */
/** @import { Group } from "./split_points.js" */

/** @typedef {NonNullable<Env["references"]>} References */

/** How many lines it may take to recognize a block: a table shows only in its second line. */
const LINES_TO_TELL = 2;

/** A top-level block, or a part of one that was settled in parts. */
export class Block {
  /** @type {string | undefined} */
  #html;
  /** @type {(block: Block) => string} */
  #render;

  /**
   * @param {string} source
   * @param {boolean} settled
   * @param {string | null} joins the kind of block that this part continues
   * @param {(block: Block) => string} render
   */
  constructor(source, settled, joins, render) {
    this.source = source;
    this.settled = settled;
    this.joins = joins;
    this.#render = render;
  }

  /** The HTML; that of a continuing part is a whole block of its kind. */
  get html() {
    this.#html ??= this.#render(this);
    return this.#html;
  }

  outdate() {
    this.#html = undefined;
  }
}

/** Return a function that returns the blocks of a growing text. */
export function createBlocks() {
  let document = emptyDocument();

  /**
   * @param {string} text the whole text so far
   * @param {boolean} [isWhole] true if the text is complete
   * @returns {Block[]}
   */
  return (text, isWhole = false) => {
    const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
    if (!source.startsWith(document.source)) document = emptyDocument();
    let { pieces, env, tail } = read(document, source, isWhole);
    if (document.group && !continues(document.group, pieces[0])) {
      rejoin(document);
      ({ pieces, env, tail } = read(document, source, isWhole));
    }
    updateLooseness(document, pieces[0]);
    const open = isWhole ? [] : pieces.splice(settledCount(pieces, tail));
    for (const piece of pieces) settle(document, piece, document.group);
    if (open[0]) open[0].source = settleStart(document, open[0], env);
    const unsettled = open.map(({ source: from }, index) => {
      const shown = index === open.length - 1 ? repairUnfinished(from) : from;
      const group = index === 0 ? document.group : null;
      const own = from.slice(group?.head.length ?? 0);
      return new Block(own, false, group?.type ?? null, () =>
        render(shown, { ...env, isLoose: group?.isLoose }),
      );
    });
    const blocks = [...document.blocks, ...unsettled];
    if (isWhole) document = completed(document);
    return blocks;
  };
}

function emptyDocument() {
  return {
    source: "",
    blocks: /** @type {Block[]} */ ([]),
    references: /** @type {References} */ (Object.create(null)),
    /** References in settled blocks that are not defined so far. @type {Map<string, Set<Block>>} */
    missing: new Map(),
    /** The block that is partly settled. @type {Group | null} */
    group: null,
    /** The start of a block that turned out not to be divisible. */
    uncut: -1,
    isWhole: false,
  };
}

/** @typedef {ReturnType<typeof emptyDocument>} Document */

/**
 * Complete a document: no more footnotes follow. Return an empty one.
 *
 * @param {Document} document
 */
function completed(document) {
  document.isWhole = true;
  for (const [name, blocks] of document.missing)
    if (isNote(name)) for (const block of blocks) block.outdate();
  return emptyDocument();
}

/**
 * Parse what is not settled.
 *
 * @param {Document} document
 * @param {string} source
 * @param {boolean} isWhole
 */
function read(document, source, isWhole) {
  const tail = (document.group?.head ?? "") + source.slice(document.source.length);
  const env = { references: Object.create(document.references), isGrowing: !isWhole };
  return { tail, env, pieces: cut(tail, env) };
}

/**
 * Split a source at the start of each block; the space between two blocks belongs to the first.
 *
 * @param {string} tail
 * @param {Env} env
 */
function cut(tail, env) {
  const pieces = outline(tail, env);
  let [at, line] = [0, 0];
  for (const [index, piece] of pieces.entries()) {
    const from = at;
    const end = pieces[index + 1]?.line ?? Number.POSITIVE_INFINITY;
    for (; line < end && at < tail.length; line++) at = tail.indexOf("\n", at) + 1 || tail.length;
    piece.source = tail.slice(from, at);
  }
  return pieces;
}

/**
 * Return how many pieces are followed by one that can no longer merge with them.
 *
 * @param {Pick<Piece, "line" | "isOpen">[]} pieces
 * @param {string} tail
 */
function settledCount(pieces, tail) {
  const lines = tail.split("\n").length - 1;
  const unsure = pieces.findIndex(
    ({ line, isOpen }, index) => index > 0 && (isOpen || line + LINES_TO_TELL > lines),
  );
  return (unsure < 0 ? pieces.length : unsure) - 1;
}

/**
 * Settle the beginning of a long open block.
 *
 * @param {Document} document
 * @param {Piece} piece
 * @param {Env} env
 * @returns {string} the source of the rest
 */
function settleStart(document, piece, env) {
  const { group, source: done, uncut } = document;
  const { source } = piece;
  const splitPoint = done.length === uncut ? 0 : splitPointOf(piece, group?.head.length ?? 0, env);
  const at = splitPoint || forcedSplitPointOf(piece);
  if (!at) return source;
  const joined = group ?? createGroup(piece, done.length, document.blocks.length);
  const part = { ...piece, source: source.slice(0, at) };
  settle(document, part, group, joined);
  if (!splitPoint) return source.slice(at);
  joined.empty += piece.empty;
  if (isList(joined)) joined.wasLoose ||= isLoose(part.source, joined.markup, true);
  joined.isLoose ||= joined.wasLoose;
  document.group = joined;
  return joined.head + source.slice(at);
}

/**
 * Settle a piece: record its definitions, and render blocks anew that waited for them.
 *
 * @param {Document} document
 * @param {Piece} piece
 * @param {Group | null} before the block that it continues
 * @param {Group | null} group the block that it is part of
 */
function settle(document, piece, before, group = before) {
  const { references, missing } = document;
  const block = new Block(piece.source.slice(before?.head.length ?? 0), true, before?.type ?? null, () =>
    render(piece.source, {
      references: watchedReferences(document, block),
      isLoose: group?.isLoose,
      awaitsNotes: !document.isWhole,
    }),
  );
  document.source += block.source;
  document.blocks.push(block);
  document.group = null;
  const env = { references: Object.create(references) };
  outline(piece.source, env);
  Object.assign(references, env.references);
  for (const label of Object.keys(env.references)) {
    for (const outdated of missing.get(label) ?? []) outdated.outdate();
    missing.delete(label);
  }
}

/**
 * Return the definitions for rendering a block, which record the references that are missing.
 *
 * @param {Document} document
 * @param {Block} block
 * @returns {References}
 */
function watchedReferences({ references, missing }, block) {
  return new Proxy(references, {
    get(target, label) {
      if (typeof label === "string" && !(label in target)) {
        missing.set(label, (missing.get(label) ?? new Set()).add(block));
      }
      return Reflect.get(target, label);
    },
    // The block's own definitions are recorded when it is settled.
    set: () => true,
  });
}

/**
 * Render the settled parts of a list anew if it turns out to be loose.
 *
 * @param {Document} document
 * @param {Piece | undefined} piece
 */
function updateLooseness({ blocks, group }, piece) {
  if (!group || !piece || !isList(group)) return;
  const looseNow = group.wasLoose || isLoose(piece.source, group.markup, false);
  if (looseNow === group.isLoose) return;
  group.isLoose = looseNow;
  for (const block of blocks.slice(group.first)) block.outdate();
}

/** @param {Group} group */
const isList = ({ type }) => type === "bullet_list_open" || type === "ordered_list_open";

/**
 * Unsettle the parts of a block.
 *
 * @param {Document} document
 */
function rejoin(document) {
  if (!document.group) return;
  const { start, first } = document.group;
  document.source = document.source.slice(0, start);
  document.blocks.length = first;
  document.group = null;
  document.uncut = start;
}
