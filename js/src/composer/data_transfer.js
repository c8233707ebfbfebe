/** Files from the clipboard and from drag and drop. */

/** @typedef {{ files: File[], folders: string[] }} Transferred */

/** Return true if files are being transferred. @param {DataTransfer | null} data */
export const hasFiles = (data) => data?.types.includes("Files") ?? false;

/**
 * Return the files and folders. Call it while the event is handled: afterwards the data is empty.
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
 * Return the files of a paste. A spreadsheet adds a picture of its cells to their text: that counts as text.
 *
 * @param {DataTransfer | null} data
 * @returns {Transferred}
 */
export const pastedFiles = (data) =>
  data?.getData("text/plain") ? { files: [], folders: [] } : filesOf(data);

/**
 * Accept files dropped anywhere on the view, and show a hint while they hover.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {HTMLElement} options.hint shown while files hover
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
