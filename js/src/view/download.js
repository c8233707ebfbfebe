/** Downloads. */

import { element } from "../dom/elements.js";

/** @import { FileMessage } from "../protocol/messages.js" */

/** Characters that some system forbids in file names, and those that could hide a file's extension. */
const NOT_IN_NAMES = /[\p{C}\\/:*?"<>|]/gu;

/** Save a file through the browser's download. @param {FileMessage} file */
export function download({ name, mime, text }) {
  const url = URL.createObjectURL(new Blob([text], { type: mime }));
  element("a", { href: url, download: name.replace(NOT_IN_NAMES, "_") }).click();
  // The browser has read the URL by the next task.
  setTimeout(() => URL.revokeObjectURL(url));
}
