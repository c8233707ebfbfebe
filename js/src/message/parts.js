/** What a message brings along: images, sounds, files. */

import { element } from "../dom/elements.js";
import { boxed, spelled } from "../dom/invisible.js";
import { createImage } from "../markdown/images.js";
import { sizeText } from "../protocol/attachments.js";
import { attachedIn } from "../state/message_content.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Part } from "../protocol/messages.js" */
/** @import { Attached } from "../state/message_content.js" */

/**
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
export function createParts(strings, signal) {
  const list = element("div", { class: "chatwidget-parts", hidden: "" });
  /** @type {Part[]} */
  let shown = [];
  return {
    element: list,
    /** @param {Part[]} parts */
    update(parts) {
      const isSame = parts.length === shown.length && parts.every((part, index) => part === shown[index]);
      if (isSame) return;
      shown = parts;
      list.replaceChildren(...parts.map((part) => createPart(attachedIn(part), strings, signal)));
      list.hidden = parts.length === 0;
    },
  };
}

/**
 * @param {Attached} attached
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
function createPart(attached, strings, signal) {
  const { language, attached: kinds } = strings;
  switch (attached.kind) {
    case "image":
      return createImage(attached.url, strings, signal);
    case "text":
      return foldedFile(attached.name, attached.text);
    case "file":
      return chip(attached.name || kinds.file, sized(attached.size, language));
    case "sound":
      return chip(kinds.sound, attached.name, sized(attached.size, language));
    case "other":
      return chip(kinds.other, attached.name);
  }
}

/**
 * @param {number | null} size
 * @param {string} language
 */
const sized = (size, language) => (size === null ? "" : sizeText(size, language));

/**
 * @param {string} name
 * @param {...string} notes
 */
function chip(name, ...notes) {
  const texts = [element("span", { class: "chatwidget-part-name", dir: "auto" }, spelled(name))];
  for (const text of notes.filter(Boolean))
    texts.push(element("span", { class: "chatwidget-part-note" }, spelled(text)));
  return element("span", { class: "chatwidget-part" }, ...texts);
}

/**
 * @param {string} name
 * @param {string} text
 */
function foldedFile(name, text) {
  const summary = element("summary", { dir: "auto" }, spelled(name));
  const details = element("details", { class: "chatwidget-folded chatwidget-file" }, summary);
  details.append(element("pre", { dir: "auto", tabindex: "0" }, ...boxed(text)));
  return details;
}
