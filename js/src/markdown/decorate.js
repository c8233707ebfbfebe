/** What is ours in a rendered text: frames and buttons around what content may have, and what hides in it shown. */

import { frameCodeBlock, morphCodeBlock } from "../code/code_block.js";
import { element } from "../dom/elements.js";
import { boxInvisible } from "../dom/invisible.js";
import { REMOTE_IMAGE } from "../text/urls.js";
import { remoteImageButton } from "./images.js";
import { drawSoon, isSameFormula } from "./math.js";

/** @import { Strings } from "../i18n/strings.js" */

/**
 * @param {DocumentFragment} fragment
 * @param {Strings} strings
 */
export function decorate(fragment, strings) {
  for (const pre of fragment.querySelectorAll("pre")) frameCodeBlock(pre, strings);
  // Each goes its own way. In CSS, `unicode-bidi: plaintext` says so too, and takes the square of the text's length.
  for (const part of fragment.querySelectorAll("p, h1, h2, h3, h4, h5, h6, summary"))
    part.setAttribute("dir", "auto");
  for (const table of fragment.querySelectorAll("table")) {
    const frame = element("div", { class: "chatwidget-table", tabindex: "0" });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const link of fragment.querySelectorAll(`.${REMOTE_IMAGE}`)) link.after(remoteImageButton(strings));
  for (const formula of fragment.querySelectorAll(".chatwidget-math")) drawSoon(formula);
  for (const box of fragment.querySelectorAll("input")) box.setAttribute("aria-label", strings.task);
  for (const exact of fragment.querySelectorAll("a, :not(pre) > code")) showHidden(exact);
  return fragment;
}

/**
 * Whether an element is, or is made, what another wants it to be, in a way of its own.
 *
 * @param {Element} there
 * @param {Element} wanted
 */
export function morphDecorated(there, wanted) {
  return isSameFormula(there, wanted) || morphCodeBlock(there, wanted);
}

/** @param {Element} parent */
function showHidden(parent) {
  const walker = document.createTreeWalker(parent, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    if (text instanceof Text) text.replaceWith(...boxInvisible(text.data));
  }
}
