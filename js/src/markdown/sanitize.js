/** The only place that turns text into elements. Nothing passes that is not on the list, whatever its origin. */

import createDOMPurify from "dompurify";
import { ownValue } from "../protocol/guards.js";
import { ALERTS } from "../syntax/alerts.js";
import { DETAILS } from "../syntax/details.js";
import { NOTE, NOTE_LABEL, NOTE_REFERENCE } from "../syntax/footnotes.js";
import { isImageData, isLink, REMOTE_IMAGE } from "../text/urls.js";

/** @typedef {(value: string) => boolean} Check */

/** The `rel` of every link. */
const REL = "noopener noreferrer nofollow";

const TEXT = () => true;
const isBoolean = among("true", "false");
const ALIGN = { align: among("left", "center", "right") };

/** Attributes of operators in formulas. */
const OPERATOR_FLAGS = ["fence", "separator", "stretchy", "symmetric", "largeop", "movablelimits"];
const OPERATOR_LENGTHS = ["lspace", "rspace", "minsize", "maxsize"];

/** The longest length in each unit: some ten lines. @type {Record<string, number>} */
const LONGEST = { em: 10, ex: 20, px: 160, pt: 120 };

/** The allowed elements, with the allowed values of their attributes. @type {Record<string, Record<string, Check>>} */
const ALLOWED = {
  a: { href: isLink, title: TEXT, target: among("_blank"), rel: among(REL), class: among(REMOTE_IMAGE) },
  blockquote: { class: among(...ALERTS) },
  br: {},
  code: { class: (value) => /^language-[\w+#.-]{1,40}$/.test(value) },
  details: { class: among(DETAILS) },
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
  kbd: {},
  li: {},
  mark: {},
  ol: { start: (value) => /^\d{1,9}$/.test(value) },
  p: {},
  pre: {},
  s: {},
  section: { class: among(NOTE) },
  span: {
    class: among("chatwidget-math", "chatwidget-math chatwidget-math-display", "chatwidget-math-open"),
  },
  strong: {},
  sub: {},
  summary: {},
  sup: { class: among(NOTE_LABEL, NOTE_REFERENCE) },
  table: {},
  tbody: {},
  td: ALIGN,
  th: ALIGN,
  thead: {},
  tr: {},
  u: {},
  ul: {},
};

/**
 * The elements of formulas: no links, and no oversized lengths.
 *
 * @type {typeof ALLOWED}
 */
const FORMULA = formulaElements();

/** @type {(html: string) => DocumentFragment} */
export const sanitizeHtml = createSanitizer(ALLOWED);

/** @type {(mathML: string) => DocumentFragment} */
export const sanitizeMath = createSanitizer(FORMULA);

/**
 * Return a sanitizer. It has its own purifier, as the page may have configured the shared one differently.
 *
 * @param {typeof ALLOWED} allowed
 */
function createSanitizer(allowed) {
  const config = {
    ALLOWED_TAGS: Object.keys(allowed),
    ALLOWED_ATTR: [...new Set(Object.values(allowed).flatMap((attributes) => Object.keys(attributes)))],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  };
  const purifier = createPurifier(allowed, config);
  return (/** @type {string} */ html) => {
    const template = document.createElement("template");
    template.innerHTML = purifier.sanitize(html);
    return template.content;
  };
}

/**
 * @param {typeof ALLOWED} allowed
 * @param {import("dompurify").Config} config
 */
function createPurifier(allowed, config) {
  const purifier = createDOMPurify(globalThis.window);
  if (!purifier.isSupported) return purifier;
  purifier.setConfig(config);
  purifier.addHook("uponSanitizeAttribute", (node, attribute) => {
    const checks = ownValue(allowed, node.localName) ?? {};
    attribute.keepAttr = ownValue(checks, attribute.attrName)?.(attribute.attrValue) ?? false;
  });
  purifier.addHook("afterSanitizeAttributes", (node) => {
    if (node.localName === "a" && node.hasAttribute("href")) {
      node.setAttribute("target", "_blank");
      node.setAttribute("rel", REL);
    }
    if (node.matches('input:not([type="checkbox"][disabled]), img:not([src])')) node.remove();
  });
  return purifier;
}

function formulaElements() {
  const all = { class: isTemmlClass, mathcolor: isColor, mathbackground: isColor, mathsize: isLength };
  const style = { ...all, displaystyle: isBoolean, scriptlevel: among("0", "1", "2", "+1", "-1") };
  const space = { ...all, width: isLength, height: isLength, depth: isLength };
  const script = { ...all, accent: isBoolean, accentunder: isBoolean };
  const cell = { ...all, columnspan: isSmall, rowspan: isSmall };
  const token = { ...all, mathvariant: among("normal") };
  const operator = {
    ...token,
    ...Object.fromEntries(OPERATOR_FLAGS.map((name) => [name, isBoolean])),
    ...Object.fromEntries(OPERATOR_LENGTHS.map((name) => [name, isLength])),
    form: among("prefix", "infix", "postfix"),
  };
  return {
    math: { display: among("block") },
    ...Object.fromEntries(["mi", "mn", "mtext"].map((name) => [name, token])),
    ...Object.fromEntries(
      ["msub", "msup", "msubsup", "msqrt", "mroot", "mphantom"].map((name) => [name, all]),
    ),
    ...Object.fromEntries(["munder", "mover", "munderover"].map((name) => [name, script])),
    mo: operator,
    mspace: space,
    mpadded: { ...space, lspace: isLength, voffset: isLength },
    mrow: style,
    mstyle: style,
    mfrac: { ...style, linethickness: isLength },
    mmultiscripts: all,
    mprescripts: all,
    mtable: style,
    mtr: all,
    mtd: cell,
    menclose: { ...all, notation: isNotation },
  };
}

/**
 * @param {string[]} values
 * @returns {Check}
 */
function among(...values) {
  return (value) => values.includes(value);
}

/** @param {string} value */
function isTemmlClass(value) {
  return /^(?: ?tml-(?:left|right|jot|tag|tageqn|box|line-(?:left|right|top|bottom)))+$/.test(value);
}

/** @param {string} value */
function isColor(value) {
  return /^(?:#[\da-f]{3,8}|[a-z]{3,20})$/i.test(value);
}

/** @param {string} value */
function isLength(value) {
  const [, number, unit = "em"] = /^([+-]?\d*\.?\d+)(em|ex|px|pt)?$/.exec(value) ?? [];
  return number !== undefined && Math.abs(Number(number)) <= (LONGEST[unit] ?? 0);
}

/** @param {string} value */
function isSmall(value) {
  return /^\d{1,2}$/.test(value);
}

/** @param {string} value */
function isNotation(value) {
  return /^(?: ?(?:box|top|bottom|left|right|(?:up|down)diagonalstrike|horizontalstrike))+$/.test(value);
}
