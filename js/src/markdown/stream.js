/** Shows a growing Markdown text. Each update changes only what differs, in short slices of time. */

import { on } from "../dom/delegation.js";
import { button, element, setHidden } from "../dom/elements.js";
import { stripAnsi } from "../text/ansi.js";
import { createBlocks } from "./blocks.js";
import { decorate } from "./decorate.js";
import { showPart } from "./grouped_block.js";
import { morphChildren } from "./morph.js";
import { sanitizeHtml } from "./sanitize.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Block } from "./blocks.js" */
/** @import { Shown } from "./grouped_block.js" */

/** How many characters are read between two looks at the clock. */
const SLICE = 4000;

/** How many characters are shown at first: a page with ten times as many elements is slow in everything. */
export const MOST = 1_000_000;

/**
 * Milliseconds of work at a time. An unfinished text then rests as long as it worked, or this many times as long if all
 * is shown.
 */
const BUDGET = 8;
const REST = 3;

/**
 * Return a function that shows a growing text. The parent is hidden while the text is empty.
 *
 * @param {HTMLElement} parent
 * @param {Strings} strings
 * @returns {(text: string, isWhole: boolean) => void}
 */
export function growingMarkdown(parent, strings) {
  const blocksOf = createBlocks();
  const paint = blockPainter(parent, strings);
  let wanted = { text: "", isWhole: false };
  /** @type {Block[]} */
  let blocks = [];
  let [read, most] = [0, MOST];
  /** True if the text has changed since it was read. */
  let isStale = false;
  let restsUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  parent.hidden = true;

  /** @returns {boolean} true if all is on the page */
  const paintUntil = (/** @type {number} */ until) => {
    const { text, isWhole } = wanted;
    const end = Math.min(text.length, most);
    // Show what was read before reading on: a complete text is parsed from its start each time.
    while (paint(blocks, until)) {
      if (read === end && !isStale) return true;
      if (performance.now() > until) return false;
      read = Math.min(end, read + SLICE);
      blocks = blocksOf(text.slice(0, read), isWhole && read === text.length);
      isStale = false;
    }
    return false;
  };

  // Screen readers wait until all of the text is on the page.
  const showBusy = (/** @type {boolean} */ isBusy) => {
    if (parent.ariaBusy !== String(isBusy)) parent.ariaBusy = String(isBusy);
  };

  const work = () => {
    const started = performance.now();
    more.remove();
    const isDone = paintUntil(started + BUDGET);
    showBusy(!isDone);
    if (isDone && read < wanted.text.length) parent.append(more);
    const took = performance.now() - started;
    const rest = took * (isDone ? REST : 1);
    restsUntil = took > BUDGET ? started + took + rest : 0;
    setHidden(parent, wanted.text === "");
    // The view may be removed before the timer fires.
    if (!isDone) timer = setTimeout(() => parent.isConnected && work(), rest);
  };

  const more = on(button("more", strings.more), {
    click() {
      most += MOST;
      work();
    },
  });

  return (whole, isWhole) => {
    const text = stripAnsi(whole);
    if (text === wanted.text && isWhole === wanted.isWhole) return;
    if (!text.startsWith(wanted.text)) read = 0;
    wanted = { text, isWhole };
    isStale = true;
    clearTimeout(timer);
    const rest = restsUntil - performance.now();
    if (rest <= 0) return work();
    showBusy(true);
    timer = setTimeout(() => parent.isConnected && work(), rest);
  };
}

/**
 * Return a function that updates the blocks on the page.
 *
 * @param {HTMLElement} parent
 * @param {Strings} strings
 * @returns {(blocks: readonly Block[], until: number) => boolean} true if there was time for all
 */
function blockPainter(parent, strings) {
  /** @type {Shown[]} */
  const shown = [];

  const forget = (/** @type {number} */ from) => {
    for (const { element, joins, nodes } of shown.splice(from)) {
      if (joins === null) element.remove();
      for (const node of nodes) node.remove();
    }
  };

  const create = (/** @type {Block} */ { joins }, /** @type {Shown | undefined} */ before) => {
    const whole = joins === null ? undefined : before?.element;
    const container = whole ?? parent.appendChild(element("div", { class: "chatwidget-block" }));
    return { element: container, joins, html: "", nodes: [], code: "" };
  };

  const show = (
    /** @type {Shown} */ there,
    /** @type {DocumentFragment} */ wanted,
    /** @type {number} */ index,
    /** @type {readonly Block[]} */ blocks,
  ) => {
    const kind = there.joins ?? blocks[index + 1]?.joins ?? null;
    if (kind !== null) return showPart(there, wanted, kind, shown[index - 1]);
    morphChildren(there.element, wanted);
    there.nodes = [];
  };

  return (blocks, until) => {
    const changed = blocks.findIndex((block, index) => block.joins !== shown[index]?.joins);
    forget(changed < 0 ? blocks.length : changed);
    for (const [index, block] of blocks.entries()) {
      shown[index] ??= create(block, shown[index - 1]);
      const there = shown[index];
      if (there.html === block.html) continue;
      show(there, decorate(sanitizeHtml(block.html), strings), index, blocks);
      there.html = block.html;
      if (performance.now() > until && index < blocks.length - 1) return false;
    }
    return true;
  };
}
