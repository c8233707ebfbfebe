/** A Markdown text on the page, as it grows. Only blocks whose HTML changed are touched. */

import { withoutAnsi } from "./ansi.js";
import { createBlocks } from "./blocks.js";
import { element } from "./dom.js";
import { furnished } from "./furnish.js";
import { morphChildren } from "./morph.js";
import { toFragment } from "./sanitize.js";

/** @import { Strings } from "./strings.js" */

/** Milliseconds a frame has for a text; one that takes longer then rests for some times as long. */
const BUDGET = 8;
const REST = 3;

/**
 * The parent is hidden while there is no text.
 *
 * @param {HTMLElement} parent
 * @param {Strings} strings
 * @returns {(text: string, isWhole: boolean) => void}
 */
export function growingMarkdown(parent, strings) {
  const blocksOf = createBlocks();
  /** @type {{ element: HTMLElement, html: string }[]} */
  const shown = [];
  let last = "";
  let wasWhole = false;
  let restsUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  parent.hidden = true;

  const show = (/** @type {string} */ text, /** @type {boolean} */ isWhole) => {
    const blocks = blocksOf(text, isWhole);
    for (const gone of shown.splice(blocks.length)) gone.element.remove();
    for (const [index, { html }] of blocks.entries()) {
      shown[index] ??= {
        element: parent.appendChild(element("div", { class: "chatwidget-block" })),
        html: "",
      };
      const block = shown[index];
      if (block.html === html) continue;
      morphChildren(block.element, furnished(toFragment(html), strings));
      block.html = html;
    }
    parent.hidden = text === "";
  };

  const showNow = () => {
    const started = performance.now();
    show(last, wasWhole);
    const now = performance.now();
    restsUntil = now - started > BUDGET ? now + REST * (now - started) : 0;
  };

  return (whole, isWhole) => {
    const text = withoutAnsi(whole);
    if (text === last && isWhole === wasWhole) return;
    [last, wasWhole] = [text, isWhole];
    const rest = restsUntil - performance.now();
    clearTimeout(timer);
    // The view may be gone by then.
    if (rest > 0 && !isWhole) timer = setTimeout(() => parent.isConnected && showNow(), rest);
    else showNow();
  };
}
