/** The parts of a message besides its text: images, sounds, files. */

import { element } from "../dom/elements.js";
import { boxInvisible, escapeInvisible } from "../dom/invisible.js";
import { createImage } from "../markdown/images.js";
import { formatSize } from "../protocol/attachments.js";
import { partContent } from "../state/message_content.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Part } from "../protocol/messages.js" */
/** @import { PartContent } from "../state/message_content.js" */

/**
 * Create the list of parts; it is hidden if there are none.
 *
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
export function createParts(strings, signal) {
  const list = element("div", { class: "chatwidget-parts chatwidget-findable", hidden: "" });
  /** @type {Part[]} */
  let shown = [];
  return {
    element: list,
    /** @param {Part[]} parts */
    update(parts) {
      const isSame = parts.length === shown.length && parts.every((part, index) => part === shown[index]);
      if (isSame) return;
      shown = parts;
      list.replaceChildren(...parts.map((part) => createPart(partContent(part), strings, signal)));
      list.hidden = parts.length === 0;
    },
  };
}

/**
 * @param {PartContent} content
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
function createPart(content, strings, signal) {
  const { language, attached: kinds } = strings;
  switch (content.kind) {
    case "image":
      return createImage(content, strings, signal);
    case "text":
      return foldedFile(content.name, content.text);
    case "file":
      return chip(content.name || kinds.file, sized(content.size, language));
    case "sound":
      return chip(kinds.sound, content.name, sized(content.size, language));
    case "other":
      return chip(kinds.other, content.name);
  }
}

/**
 * @param {number | null} size
 * @param {string} language
 */
const sized = (size, language) => (size === null ? "" : formatSize(size, language));

/**
 * @param {string} name
 * @param {...string} notes
 */
function chip(name, ...notes) {
  const texts = [element("span", { class: "chatwidget-part-name", dir: "auto" }, escapeInvisible(name))];
  for (const text of notes.filter(Boolean))
    texts.push(element("span", { class: "chatwidget-part-note" }, escapeInvisible(text)));
  return element("span", { class: "chatwidget-part" }, ...texts);
}

/**
 * @param {string} name
 * @param {string} text
 */
function foldedFile(name, text) {
  const summary = element("summary", { dir: "auto" }, escapeInvisible(name));
  const details = element("details", { class: "chatwidget-folded chatwidget-file" }, summary);
  details.append(element("pre", { dir: "auto", tabindex: "0" }, ...boxInvisible(text)));
  return details;
}
