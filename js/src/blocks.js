/**
 * Cuts a growing Markdown text into its top-level blocks, as HTML. A block that can no longer change is settled: it is
 * not parsed again, unless a name in it without a definition gets one later.
 */

import { blockStarts, mended, render } from "./parser.js";

/** @import { Env } from "markdown-it" */

/** @typedef {NonNullable<Env["references"]>} References */
/** @typedef {{ source: string, html: string, settled: boolean }} Block */

/** How many lines it may take to know what a block is: a table shows itself in its second. */
const LINES_TO_TELL = 2;

export function createBlocks() {
  let document = emptyDocument();

  /**
   * @param {string} text all there is by now
   * @param {boolean} [isWhole] whether nothing is to follow
   * @returns {Block[]}
   */
  return (text, isWhole = false) => {
    const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
    if (!source.startsWith(document.source)) document = emptyDocument();
    const tail = source.slice(document.source.length);
    const env = { references: Object.create(document.references), isGrowing: true };
    const pieces = cut(tail, env);
    const open = isWhole ? [] : pieces.splice(settledCount(pieces, tail));
    settle(
      document,
      pieces.map((piece) => piece.source),
    );
    const unsettled = open.map((piece, index) => {
      const shown = index === open.length - 1 ? mended(piece.source) : piece.source;
      return { source: piece.source, html: render(shown, env), settled: false };
    });
    const blocks = [...document.blocks, ...unsettled];
    if (isWhole) document = emptyDocument();
    return blocks;
  };
}

function emptyDocument() {
  return {
    source: "",
    blocks: /** @type {Block[]} */ ([]),
    references: /** @type {References} */ (Object.create(null)),
    /** Names in settled blocks that are not defined so far. @type {Map<string, Set<Block>>} */
    missing: new Map(),
  };
}

/**
 * Cuts where a block begins; what stands between two belongs to the first.
 *
 * @param {string} tail
 * @param {Env} env
 */
function cut(tail, env) {
  /** @type {{ line: number, source: string }[]} */
  const pieces = [];
  let [at, line] = [0, 0];
  const starts = blockStarts(tail, env).slice(1);
  for (const next of starts) {
    const from = { line, at };
    for (; line < next; line++) at = tail.indexOf("\n", at) + 1;
    pieces.push({ line: from.line, source: tail.slice(from.at, at) });
  }
  if (at < tail.length) pieces.push({ line, source: tail.slice(at) });
  return pieces;
}

/**
 * How many pieces are followed by one that is there to stay.
 *
 * @param {{ line: number }[]} pieces
 * @param {string} tail
 */
function settledCount(pieces, tail) {
  const lines = tail.split("\n").length - 1;
  const unsure = pieces.findIndex(({ line }, index) => index > 0 && line + LINES_TO_TELL > lines);
  return (unsure < 0 ? pieces.length : unsure) - 1;
}

/**
 * @param {ReturnType<typeof emptyDocument>} document
 * @param {string[]} sources
 */
function settle(document, sources) {
  const fresh = sources.map((source) => ({ source, html: "", settled: true }));
  const outdated = new Set(fresh);
  for (const block of fresh) {
    document.source += block.source;
    document.blocks.push(block);
  }
  const defined = definitions(sources.join(""), document.references);
  Object.assign(document.references, defined);
  for (const label of Object.keys(defined)) {
    for (const block of document.missing.get(label) ?? []) outdated.add(block);
    document.missing.delete(label);
  }
  for (const block of outdated) renderSettled(document, block);
}

/**
 * @param {string} source
 * @param {References} known
 * @returns {References}
 */
function definitions(source, known) {
  const env = { references: Object.create(known) };
  blockStarts(source, env);
  return env.references;
}

/**
 * @param {ReturnType<typeof emptyDocument>} document
 * @param {Block} block
 */
function renderSettled({ references, missing }, block) {
  const watched = new Proxy(references, {
    get(target, label) {
      if (typeof label === "string" && !(label in target)) {
        missing.set(label, (missing.get(label) ?? new Set()).add(block));
      }
      return Reflect.get(target, label);
    },
    // What a block defines is known by now.
    set: () => true,
  });
  block.html = render(block.source, { references: watched });
}
