/** Morphs elements on the page into others, changing only what differs. */

import { morphDecorated } from "./decorate.js";

/**
 * Morph the children of a node.
 *
 * @param {Node} target
 * @param {Node} wanted its children are moved over
 */
export function morphChildren(target, wanted) {
  morphNodes(target, [...target.childNodes], [...wanted.childNodes], null);
}

/**
 * Morph some children of a node into others.
 *
 * @param {Node} parent
 * @param {readonly ChildNode[]} nodes
 * @param {readonly ChildNode[]} wanted
 * @param {Node | null} next the node after them
 * @returns {ChildNode[]} the new children
 */
export function morphNodes(parent, nodes, wanted, next) {
  for (const gone of nodes.slice(wanted.length)) gone.remove();
  return wanted.map((node, index) => {
    const there = nodes[index];
    if (there && morph(there, node)) return there;
    if (there) there.replaceWith(node);
    else parent.insertBefore(node, next);
    return node;
  });
}

/**
 * @param {Node} node
 * @param {Node} wanted
 * @returns {boolean} true if the node could be kept
 */
function morph(node, wanted) {
  if (node instanceof Text && wanted instanceof Text) return morphText(node, wanted.data);
  if (!(node instanceof Element && wanted instanceof Element)) return false;
  if (morphDecorated(node, wanted)) return true;
  // A button keeps its state; that of a footnote has none.
  if (node.localName === "button" && wanted.localName === "button")
    return node.parentElement?.localName !== "sup" || node.textContent === wanted.textContent;
  // Keep what the reader folded.
  if (node instanceof HTMLDetailsElement && wanted instanceof HTMLDetailsElement) wanted.open = node.open;
  if (!node.cloneNode().isEqualNode(wanted.cloneNode())) return false;
  morphChildren(node, wanted);
  return true;
}

/**
 * @param {Text} node
 * @param {string} data
 */
function morphText(node, data) {
  if (data === node.data) return true;
  if (data.startsWith(node.data)) node.appendData(data.slice(node.data.length));
  else node.data = data;
  return true;
}
