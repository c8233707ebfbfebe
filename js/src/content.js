/** What a message says, as text. */

/** @import { ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/**
 * The text of a message, its other parts named where they stand.
 *
 * @param {ViewMessage["content"]} content
 * @param {Strings} strings
 */
export function plainText(content, strings) {
  if (typeof content === "string") return content;
  const names = new Map(Object.entries(strings.parts));
  const named = (/** @type {string} */ type) => names.get(type) ?? strings.parts.other;
  return content.map(({ type, text }) => (typeof text === "string" ? text : named(type))).join("\n");
}
