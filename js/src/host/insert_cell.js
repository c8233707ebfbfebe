/** The notebook that a view is in. JupyterLab, Notebook 7 and JupyterLite hand it to what shows widgets; a console has none. */

import { isMarked } from "./markdown_outputs.js";

/** @import { Store } from "../state/store.js" */
/** @import { Context } from "./markdown_outputs.js" */

/** @typedef {(code: string, near: Element) => void} Insert */

/** So many frames may pass until a new cell is drawn. */
const FRAMES = 60;

/**
 * Find what inserts a cell with some code below the one that shows an element of the conversation.
 *
 * @param {any} manager of the widgets
 * @param {Store} store
 * @returns {Insert | undefined} undefined where there is no notebook, or none that may be changed
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
    // What is done soon after something else would be undone with it.
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
 * The last cell with the conversation below it, for a view that is in none, such as JupyterLab's view of an output.
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

/** The active cell, where it is clear which notebook's that is. */
function activeCell() {
  const cells = document.querySelectorAll(".jp-Notebook .jp-Cell.jp-mod-active");
  return cells.length === 1 ? cells[0] : undefined;
}

/**
 * Give the focus to a new cell below one, once it is drawn: the notebook makes it the active one, in command mode.
 *
 * @param {Element} cell
 * @param {Element | null | undefined} before what was below it
 * @param {number} [frames] how many are left
 */
function focusNext(cell, before, frames = FRAMES) {
  const next = cell.nextElementSibling;
  if (next instanceof HTMLElement && next !== before) next.focus();
  else if (frames > 0) requestAnimationFrame(() => focusNext(cell, before, frames - 1));
}
