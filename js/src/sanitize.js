/** The one place where text becomes elements. Whatever is not on the list does not pass, wherever it came from. */

import createDOMPurify from "dompurify";
import { isImageData, isLink } from "./address.js";

/** @typedef {(value: string) => boolean} Check */

/** What a link is to its page. */
const REL = "noopener noreferrer nofollow";

const TEXT = () => true;
const ALIGN = { align: among("left", "center", "right") };

/** The elements, and for each its attributes and their values. @type {Record<string, Record<string, Check>>} */
const ALLOWED = {
  a: { href: isLink, title: TEXT, target: among("_blank"), rel: among(REL) },
  blockquote: {},
  br: {},
  code: { class: (value) => /^language-[\w+#.-]{1,40}$/.test(value) },
  em: {},
  h1: {},
  h2: {},
  h3: {},
  h4: {},
  h5: {},
  h6: {},
  hr: {},
  img: { src: isImageData, alt: TEXT, title: TEXT },
  input: { type: among("checkbox"), disabled: among(""), checked: among("") },
  li: {},
  ol: { start: (value) => /^\d{1,9}$/.test(value) },
  p: {},
  pre: {},
  s: {},
  strong: {},
  table: {},
  tbody: {},
  td: ALIGN,
  th: ALIGN,
  thead: {},
  tr: {},
  ul: {},
};

const CONFIG = {
  ALLOWED_TAGS: Object.keys(ALLOWED),
  ALLOWED_ATTR: [...new Set(Object.values(ALLOWED).flatMap((attributes) => Object.keys(attributes)))],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

const purifier = createPurifier();

/**
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function toFragment(html) {
  const template = document.createElement("template");
  template.innerHTML = purifier.sanitize(html, CONFIG);
  return template.content;
}

/** An instance of our own, as the page may have given the common one rules of its own. */
function createPurifier() {
  const made = createDOMPurify(globalThis.window);
  if (!made.isSupported) return made;
  made.addHook("uponSanitizeAttribute", (node, attribute) => {
    const checks = ALLOWED[node.localName] ?? {};
    const check = Object.hasOwn(checks, attribute.attrName) ? checks[attribute.attrName] : undefined;
    attribute.keepAttr = check?.(attribute.attrValue) ?? false;
  });
  made.addHook("afterSanitizeAttributes", (node) => {
    if (node.localName === "a" && node.hasAttribute("href")) {
      node.setAttribute("target", "_blank");
      node.setAttribute("rel", REL);
    }
    if (node.matches('input:not([type="checkbox"][disabled]), img:not([src])')) node.remove();
  });
  return made;
}

/**
 * @param {string[]} values
 * @returns {Check}
 */
function among(...values) {
  return (value) => values.includes(value);
}
