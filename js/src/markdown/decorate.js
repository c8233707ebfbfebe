/** Decorates rendered text: adds frames and buttons, and makes invisible characters visible. */

import { frameCodeBlock, morphCodeBlock } from "../code/code_block.js";
import { button, element } from "../dom/elements.js";
import { boxInvisible } from "../dom/invisible.js";
import { ALERTS, kindOf } from "../syntax/alerts.js";
import { NOTE_LABEL, NOTE_REFERENCE } from "../syntax/footnotes.js";
import { REMOTE_IMAGE } from "../text/urls.js";
import { remoteImageButton } from "./images.js";
import { drawSoon, isSameFormula } from "./math.js";

/** @import { Strings } from "../i18n/strings.js" */

/**
 * Decorate a fragment in place.
 *
 * @param {DocumentFragment} fragment
 * @param {Strings} strings
 */
export function decorate(fragment, strings) {
  for (const pre of fragment.querySelectorAll("pre")) frameCodeBlock(pre, strings);
  // Each block has its own direction. `unicode-bidi: plaintext` in CSS would do, but takes quadratic time.
  for (const part of fragment.querySelectorAll("p, h1, h2, h3, h4, h5, h6, summary"))
    part.setAttribute("dir", "auto");
  for (const table of fragment.querySelectorAll("table")) {
    const frame = element("div", { class: "chatwidget-table", tabindex: "0" });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const link of fragment.querySelectorAll(`.${REMOTE_IMAGE}`)) link.after(remoteImageButton(strings));
  for (const alert of fragment.querySelectorAll(`blockquote:is(.${ALERTS.join(",.")})`))
    alert.prepend(element("p", { class: "chatwidget-alert-title" }, strings.alerts[kindOf(alert)]));
  for (const label of fragment.querySelectorAll(`.${NOTE_LABEL}, .${NOTE_REFERENCE}`)) {
    const link = button("note-link", label.textContent ?? "", "plain");
    const name = label.matches(`.${NOTE_LABEL}`) ? strings.backToText : strings.footnote;
    link.setAttribute("aria-label", name(label.textContent ?? ""));
    label.replaceChildren(link);
  }
  for (const formula of fragment.querySelectorAll(".chatwidget-math")) drawSoon(formula);
  for (const box of fragment.querySelectorAll("input")) box.setAttribute("aria-label", strings.task);
  for (const exact of fragment.querySelectorAll("a, :not(pre) > code")) showHidden(exact);
  return fragment;
}

/**
 * Move the focus between a footnote and its reference, if the label of one was clicked.
 *
 * @param {EventTarget | null} clicked
 */
export function handleFootnoteClick(clicked) {
  const from = clicked instanceof Element ? clicked.closest("sup") : null;
  if (!from?.querySelector(".chatwidget-note-link")) return;
  const other = from.matches(`.${NOTE_LABEL}`) ? NOTE_REFERENCE : NOTE_LABEL;
  const others = [...(from.closest(".chatwidget-markdown")?.querySelectorAll(`.${other}`) ?? [])];
  const label = (/** @type {Element} */ sup) => sup.textContent?.toLowerCase();
  const to = others.find((sup) => label(sup) === label(from))?.querySelector("button");
  to?.scrollIntoView({ block: "nearest" });
  to?.focus({ preventScroll: true });
}

/**
 * Morph an element that has its own way to: a formula or a code block. Return false for any other.
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
