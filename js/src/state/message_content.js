/** The content of a message: its text and its other parts. No DOM. */

import { decodedSize } from "../protocol/attachments.js";
import { isRecord, isString, ownValue } from "../protocol/guards.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Part, ViewMessage } from "../protocol/messages.js" */

/** An image in a text with its data. */
const IMAGE = /!\[([^\]]*)\]\(data:image\/[\w.+-]+;base64,[\w+/=]*\)/gi;

/**
 * Return the text of a message, with a name in place of each image and other part.
 *
 * @param {ViewMessage["content"]} content
 * @param {Strings} strings
 */
export function plainText(content, strings) {
  const readable = (/** @type {string} */ text) => text.replace(IMAGE, "[$1]");
  if (typeof content === "string") return readable(content);
  const named = (/** @type {string} */ type) => ownValue(strings.parts, type) ?? strings.parts.other;
  return content.map((part) => readable(textOf(part) ?? named(part.type))).join("\n");
}

/** @type {Part[]} */
const NOTHING = [];

/** Return true if more of a message is to come. @param {Pick<ViewMessage, "status">} message */
export const isGrowing = ({ status }) => status === "waiting" || status === "streaming";

/** The text of a file as the kernel writes it: its name, then a fence. */
const NAMED_TEXT = /^([^\n]*):\n(`{3,})\n([\s\S]*)\n\2$/;

/**
 * Return the text of a message, and the parts that are shown beside it.
 *
 * @param {ViewMessage["content"]} content
 * @returns {{ text: string, parts: Part[] }}
 */
export function bodyOf(content) {
  if (typeof content === "string") return { text: content, parts: NOTHING };
  const isOwnText = (/** @type {Part} */ part) => {
    const text = textOf(part);
    return text !== undefined && !NAMED_TEXT.test(text);
  };
  return {
    text: content.filter(isOwnText).map(textOf).join("\n"),
    parts: content.filter((part) => !isOwnText(part)),
  };
}

/**
 * @param {Part} part
 * @returns {string | undefined}
 */
function textOf({ text, refusal }) {
  if (typeof text === "string") return text;
  return typeof refusal === "string" ? refusal : undefined;
}

/**
 * @typedef {{ kind: "text", name: string, text: string }
 *   | { kind: "image", url: string, name: string }
 *   | { kind: "file", name: string, size: number | null }
 *   | { kind: "sound", name: string, size: number | null }
 *   | { kind: "other", name: string }} PartContent
 */

/**
 * Return the content of a part, whatever its shape.
 *
 * @param {Part} part
 * @returns {PartContent}
 */
export function partContent(part) {
  const text = textOf(part);
  if (text !== undefined) {
    const [, name = "", , file = text] = NAMED_TEXT.exec(text) ?? [];
    return { kind: "text", name, text: file };
  }
  if (part.type === "image_url") {
    return { kind: "image", url: stringIn(part.image_url, "url"), name: stringIn(part, "alt") };
  }
  if (part.type === "file") {
    const size = sizeOf(stringIn(part.file, "file_data"));
    return { kind: "file", name: stringIn(part.file, "filename"), size };
  }
  if (part.type === "input_audio") {
    const size = sizeOf(stringIn(part.input_audio, "data"));
    return { kind: "sound", name: stringIn(part.input_audio, "format"), size };
  }
  return { kind: "other", name: part.type };
}

/** Return the size in bytes of base64, with or without the prefix of a data URL. @param {string} text */
function sizeOf(text) {
  const data = text.slice(text.indexOf(",") + 1);
  return data === "" ? null : decodedSize({ name: "", mime: "", data });
}

/**
 * @param {unknown} value
 * @param {string} key
 */
function stringIn(value, key) {
  const text = isRecord(value) ? ownValue(value, key) : undefined;
  return isString(text) ? text : "";
}
