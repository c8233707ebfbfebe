/** Chips: attachments that are not part of the conversation yet. */

import { element } from "../dom/elements.js";
import { icon } from "../dom/icons.js";
import { escapeInvisible } from "../dom/invisible.js";
import { decodedSize, formatSize, isImage } from "../protocol/attachments.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Attachment } from "../protocol/messages.js" */

/** @typedef {{ name: string, text: string }} Pasted a long text, named after its beginning */
/** @typedef {Attachment | File | Pasted} Attached a `File` while it is being read */

/**
 * Create a chip.
 *
 * @param {HTMLElement} face
 * @param {(Node | string)[]} more
 */
export const chip = (face, ...more) => element("li", { class: "chatwidget-chip" }, face, ...more);

/**
 * Create the picture, name and size of an attachment.
 *
 * @param {Attached} attached
 * @param {Strings} strings
 */
export function chipFace(attached, strings) {
  if (attached instanceof File) return face("span", icon("file"), attached.name, strings.reading);
  if ("text" in attached) return pastedFace(attached, strings);
  const size = formatSize(decodedSize(attached), strings.language);
  const picture = isImage(attached.mime) ? thumbnail(attached) : icon("file");
  return face("span", picture, attached.name, size);
}

/**
 * Create the face of a pasted text: a button that moves it into the input for editing.
 *
 * @param {Pasted} pasted
 * @param {Strings} strings
 */
function pastedFace({ name, text }, strings) {
  const chipButton = face(
    "button",
    icon("text"),
    name,
    strings.pasted(formatSize(text.length, strings.language)),
  );
  chipButton.type = "button";
  chipButton.title = strings.pastedToInput;
  return chipButton;
}

/**
 * @template {"span" | "button"} T
 * @param {T} tag
 * @param {Element} picture
 * @param {string} name
 * @param {string} note
 */
const face = (tag, picture, name, note) =>
  element(
    tag,
    { class: "chatwidget-chip-face", title: escapeInvisible(name) },
    picture,
    element("span", { class: "chatwidget-chip-name", dir: "auto" }, escapeInvisible(name)),
    element("span", { class: "chatwidget-chip-note" }, note),
  );

/** @param {Attachment} attachment */
const thumbnail = ({ mime, data }) =>
  element("img", { class: "chatwidget-chip-image", alt: "", src: `data:${mime};base64,${data}` });
