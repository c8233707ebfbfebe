/** What is pasted and dropped. */

/** @typedef {{ files: File[], folders: string[] }} Transferred */

/** @param {DataTransfer | null} data */
export const hasFiles = (data) => data?.types.includes("Files") ?? false;

/**
 * To be called while the event is handled: later there is nothing in it any more.
 *
 * @param {DataTransfer | null} data
 * @returns {Transferred}
 */
export function filesOf(data) {
  const files = [];
  const folders = [];
  for (const item of data?.items ?? []) {
    const file = item.kind === "file" ? item.getAsFile() : null;
    const entry = item.kind === "file" ? item.webkitGetAsEntry() : null;
    if (entry?.isDirectory) folders.push(entry.name);
    else if (file) files.push(file);
  }
  return { files, folders };
}

/**
 * What of a paste is to be attached. A spreadsheet puts a picture of its cells beside their text: that is text.
 *
 * @param {DataTransfer | null} data
 * @returns {Transferred}
 */
export const pastedFiles = (data) =>
  data?.getData("text/plain") ? { files: [], folders: [] } : filesOf(data);

/**
 * Takes files that are dropped anywhere on the view, and says so while they hover.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {HTMLElement} options.hint shown meanwhile
 * @param {(dropped: Transferred) => void} options.onDrop
 * @param {AbortSignal} options.signal
 */
export function acceptDrops(root, { hint, onDrop, signal }) {
  const hover = (/** @type {DragEvent} */ event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    hint.hidden = false;
  };
  const leave = (/** @type {DragEvent} */ { relatedTarget }) => {
    if (!(relatedTarget instanceof Node && root.contains(relatedTarget))) hint.hidden = true;
  };
  const drop = (/** @type {DragEvent} */ event) => {
    hint.hidden = true;
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    onDrop(filesOf(event.dataTransfer));
  };

  hint.hidden = true;
  root.addEventListener("dragenter", hover, { signal });
  root.addEventListener("dragover", hover, { signal });
  root.addEventListener("dragleave", leave, { signal });
  root.addEventListener("drop", drop, { signal });
}
