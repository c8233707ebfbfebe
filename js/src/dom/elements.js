/** Small helpers to build and change elements. Text only ever becomes text nodes. */

import { stripAnsi } from "../text/ansi.js";

/**
 * Create an element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  created.append(...children);
  return created;
}

/**
 * Create a button.
 *
 * @param {string} name the part of its class after `chatwidget-`
 * @param {string} label
 * @param {string} [look] "primary" or "quiet"
 */
export function button(name, label, look = "quiet") {
  const classes = `chatwidget-button chatwidget-${look} chatwidget-${name}`;
  return element("button", { type: "button", class: classes }, label);
}

/**
 * Show growing text by appending, so that the rest is not laid out anew and stays selected.
 * The parent is hidden while the text is empty.
 *
 * @param {HTMLElement} parent
 * @returns {(text: string) => void}
 */
export function growingText(parent) {
  const node = parent.appendChild(document.createTextNode(""));
  let shown = "";
  parent.hidden = true;
  return (whole) => {
    const text = stripAnsi(whole);
    if (text === shown) return;
    if (text.startsWith(shown)) node.appendData(text.slice(shown.length));
    else node.data = text;
    shown = text;
    setHidden(parent, text === "");
  };
}

/**
 * Hide or show an element. Setting an unchanged value would recompute its style.
 *
 * @param {HTMLElement} target
 * @param {boolean} isHidden
 */
export function setHidden(target, isHidden) {
  if (target.hidden !== isHidden) target.hidden = isHidden;
}

/**
 * Set the text of an element, and hide it if the text is empty.
 *
 * @param {HTMLElement} target
 * @param {string} whole
 */
export function showText(target, whole) {
  const text = stripAnsi(whole);
  if (target.textContent !== text) target.textContent = text;
  setHidden(target, text === "");
}
