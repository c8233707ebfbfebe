/** Small helpers to build and change elements. Text only ever becomes text nodes. */

import { stripAnsi } from "../text/ansi.js";

/**
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
 * @param {string} name what comes after `chatwidget-` in its class
 * @param {string} label
 * @param {string} [look] "primary" or "quiet"
 */
export function button(name, label, look = "quiet") {
  const classes = `chatwidget-button chatwidget-${look} chatwidget-${name}`;
  return element("button", { type: "button", class: classes }, label);
}

/**
 * Shows growing text by adding to it, so that what stands is not laid out or selected anew.
 * The parent is hidden while there is none.
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
 * Hides an element or shows it, if it is not so: saying it again would cost its style.
 *
 * @param {HTMLElement} target
 * @param {boolean} isHidden
 */
export function setHidden(target, isHidden) {
  if (target.hidden !== isHidden) target.hidden = isHidden;
}

/**
 * Sets an element's text, and hides it when there is none.
 *
 * @param {HTMLElement} target
 * @param {string} whole
 */
export function showText(target, whole) {
  const text = stripAnsi(whole);
  if (target.textContent !== text) target.textContent = text;
  setHidden(target, text === "");
}
