/** The parts of one long block on the page: each has the nodes of its own in an element that they share. */

import { updateCodeBlock } from "../code/code_block.js";
import { morphChildren, morphNodes } from "./morph.js";

/**
 * What is on the page of a block.
 *
 * @typedef {object} Shown
 * @property {HTMLElement} element
 * @property {string | null} joins the kind of block that this goes on with
 * @property {string} html
 * @property {ChildNode[]} nodes of a part
 * @property {string} code of a part of a block of code, and of all before it
 */

/** What goes between two parts of a kind. @type {Record<string, string>} */
const BETWEEN = { paragraph_open: " " };

/**
 * @param {Shown} part
 * @param {DocumentFragment} wanted a block of its own that has what the part is to have
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
 * @param {ParentNode} block
 * @param {string} kind
 */
function shared(block, kind) {
  return kind === "table_open" ? block.querySelector("tbody") : block.firstElementChild;
}
