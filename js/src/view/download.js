/** Gives a person a file. */

import { element } from "../dom/elements.js";

/** @import { FileMessage } from "../protocol/messages.js" */

/** What a file's name may not have on one system or another, and what would hide how it ends. */
const NOT_IN_NAMES = /[\p{C}\\/:*?"<>|]/gu;

/** @param {FileMessage} file */
export function download({ name, mime, text }) {
  const url = URL.createObjectURL(new Blob([text], { type: mime }));
  element("a", { href: url, download: name.replace(NOT_IN_NAMES, "_") }).click();
  // The browser has taken it by the next task.
  setTimeout(() => URL.revokeObjectURL(url));
}
