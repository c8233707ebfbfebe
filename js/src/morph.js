/** Changes what is on the page into what it is to be, touching only what differs. */

import { becomes } from "./furnish.js";

/**
 * @param {Node} target
 * @param {Node} wanted its children are taken over
 */
export function morphChildren(target, wanted) {
  let there = target.firstChild;
  for (const next of [...wanted.childNodes]) {
    const following = there?.nextSibling ?? null;
    if (!there) target.appendChild(next);
    else if (!morph(there, next)) target.replaceChild(next, there);
    there = following;
  }
  while (there) {
    const following = there.nextSibling;
    target.removeChild(there);
    there = following;
  }
}

/**
 * @param {Node} node
 * @param {Node} wanted
 * @returns {boolean} whether the node could stay
 */
function morph(node, wanted) {
  if (node instanceof Text && wanted instanceof Text) return morphText(node, wanted.data);
  if (!(node instanceof Element && wanted instanceof Element)) return false;
  if (becomes(node, wanted)) return true;
  // A button has states of its own.
  if (node.localName === "button" && wanted.localName === "button") return true;
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
