/**
 * Inserts cells into the notebook of a view. JupyterLab, Notebook 7 and JupyterLite pass it to their widget managers; a
 * console has none.
 */

import { isMarked } from "./markdown_outputs.js";

/** @import { Store } from "../state/store.js" */
/** @import { Context } from "./markdown_outputs.js" */

/** @typedef {(code: string, near: Element) => void} Insert */

/** How many frames to wait for a new cell to be drawn. */
const FRAMES = 60;

/**
 * Return a function that inserts a cell with code below the cell of an element.
 *
 * @param {any} manager of the widgets
 * @param {Store} store
 * @returns {Insert | undefined} undefined without a notebook, or if it is read-only
 */
export function cellInserter(manager, store) {
  /** @type {Context | undefined} */
  const context = manager?.context;
  const { sharedModel, readOnly } = context?.model ?? {};
  if (!context || !sharedModel?.insertCell || readOnly) return undefined;
  return (code, near) => {
    const shown = near.closest(".jp-Notebook .jp-Cell");
    const index = indexOf(shown) ?? lastShown(context, store) ?? indexOf(activeCell()) ?? Infinity;
    const before = shown?.nextElementSibling;
    // Otherwise one undo would also revert the edit just before.
    sharedModel.undoManager?.stopCapturing();
    sharedModel.insertCell(Math.min(index + 1, sharedModel.cells.length), {
      cell_type: "code",
      source: code,
      metadata: { trusted: true },
    });
    if (shown && !near.closest(":popover-open")) focusNext(shown, before);
  };
}

/** @param {Element | null | undefined} cell */
function indexOf(cell) {
  const index = cell instanceof HTMLElement ? Number(cell.dataset.windowedListIndex ?? NaN) : NaN;
  return Number.isInteger(index) ? index : undefined;
}

/**
 * Return the index of the last cell that shows the conversation, for a view outside of cells, such as JupyterLab's view
 * of an output.
 *
 * @param {Context} context
 * @param {Store} store
 */
function lastShown({ model }, store) {
  const cells = [...(model.cells ?? [])];
  const index = cells.findLastIndex(({ outputs }) =>
    Array.from({ length: outputs?.length ?? 0 }, (_, at) => outputs?.get(at)).some((output) =>
      isMarked(output, store),
    ),
  );
  return index < 0 ? undefined : index;
}

/** Return the active cell, if only one notebook has any. */
function activeCell() {
  const cells = document.querySelectorAll(".jp-Notebook .jp-Cell.jp-mod-active");
  return cells.length === 1 ? cells[0] : undefined;
}

/**
 * Focus a new cell below another once it is drawn; the notebook makes it the active cell, in command mode.
 *
 * @param {Element} cell
 * @param {Element | null | undefined} before the cell that was below it
 * @param {number} [frames] left to wait
 */
function focusNext(cell, before, frames = FRAMES) {
  const next = cell.nextElementSibling;
  if (next instanceof HTMLElement && next !== before) next.focus();
  else if (frames > 0) requestAnimationFrame(() => focusNext(cell, before, frames - 1));
}
