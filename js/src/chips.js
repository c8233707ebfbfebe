/** Attachments as they are shown before the conversation has them. */

import { element } from "./dom.js";
import { decodedSize, isImage, sizeText } from "./files.js";
import { icon } from "./icons.js";

/** @import { Attachment } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/** @typedef {Attachment | File} Attached a file as long as it is being read */

/**
 * @param {HTMLElement} face
 * @param {(Node | string)[]} more
 */
export const chip = (face, ...more) => element("li", { class: "chatwidget-chip" }, face, ...more);

/**
 * @param {Attached} attached
 * @param {Strings} strings
 */
export function chipFace(attached, strings) {
  const { name } = attached;
  const isRead = !(attached instanceof File);
  const note = isRead ? sizeText(decodedSize(attached), strings.language) : strings.reading;
  return element(
    "span",
    { class: "chatwidget-chip-face", title: name },
    isRead && isImage(attached.mime) ? thumbnail(attached) : icon("file"),
    element("span", { class: "chatwidget-chip-name", dir: "auto" }, name),
    element("span", { class: "chatwidget-chip-note" }, note),
  );
}

/** @param {Attachment} attachment */
const thumbnail = ({ mime, data }) =>
  element("img", { class: "chatwidget-chip-image", alt: "", src: `data:${mime};base64,${data}` });
