/** The parts of one long block on the page: each owns some nodes of a shared element. */

import { updateCodeBlock } from "../code/code_block.js";
import { morphChildren, morphNodes } from "./morph.js";

/**
 * A block, or a part of one, on the page.
 *
 * @typedef {object} Shown
 * @property {HTMLElement} element
 * @property {string | null} joins the kind of block that this part continues
 * @property {string} html
 * @property {ChildNode[]} nodes of a part
 * @property {string} code of this part of a code block and all before it
 */

/** The text between two parts, by kind of block. @type {Record<string, string>} */
const BETWEEN = { paragraph_open: " " };

/**
 * Update a part on the page.
 *
 * @param {Shown} part
 * @param {DocumentFragment} wanted a whole block with the part's new content
 * @param {string} kind
 * @param {Shown | undefined} before
 */
export function showPart(part, wanted, kind, before) {
  const isFirst = part.joins === null;
  if (kind === "fence") showCode(part, wanted, isFirst ? "" : (before?.code ?? ""));
  else if (isFirst && part.nodes.length === 0) showFirst(part, wanted, kind);
  else showNodes(part, wanted, kind, isFirst);
}

/**
 * @param {Shown} part
 * @param {DocumentFragment} wanted
 * @param {string} before
 */
function showCode(part, wanted, before) {
  part.code = before + (wanted.querySelector("code")?.textContent ?? "");
  if (part.joins === null) morphChildren(part.element, wanted);
  const frame = part.element.firstElementChild;
  if (frame) updateCodeBlock(frame, part.code);
}

/**
 * @param {Shown} part
 * @param {DocumentFragment} wanted
 * @param {string} kind
 */
function showFirst(part, wanted, kind) {
  morphChildren(part.element, wanted);
  part.nodes = [...(shared(part.element, kind)?.childNodes ?? [])];
}

/**
 * @param {Shown} part
 * @param {DocumentFragment} wanted
 * @param {string} kind
 * @param {boolean} isFirst
 */
function showNodes(part, wanted, kind, isFirst) {
  const parent = shared(part.element, kind);
  if (!parent) return;
  const head = isFirst && wanted.querySelector("thead");
  const headThere = head && part.element.querySelector("thead");
  if (headThere) morphChildren(headThere, head);
  const next = part.nodes.at(-1)?.nextSibling ?? null;
  const between = isFirst ? "" : BETWEEN[kind];
  const nodes = [...(shared(wanted, kind)?.childNodes ?? [])];
  if (between) nodes.unshift(document.createTextNode(between));
  part.nodes = morphNodes(parent, part.nodes, nodes, next);
}

/**
 * Return the element that holds the nodes of all parts.
 *
 * @param {ParentNode} block
 * @param {string} kind
 */
function shared(block, kind) {
  return kind === "table_open" ? block.querySelector("tbody") : block.firstElementChild;
}
