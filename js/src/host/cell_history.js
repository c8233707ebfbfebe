/**
 * Remembers which conversation each cell of the page showed last: a chat that is created there anew, perhaps in a kernel
 * that was restarted, can bring it back.
 */

/** @import { Store } from "../state/store.js" */

/** What is shown in a cell. @typedef {{ store: Store }} Shown */

/** What the cells showed last, in the order of their views. @typedef {WeakMap<Element, Shown[]>} Cells */

/** Each widget has a copy of this module; what they share belongs to the page. */
const SHARED = Symbol.for("chatwidget.cells");

/**
 * Record a view as soon as it is in a cell.
 *
 * @template {Shown} T
 * @param {HTMLElement} root
 * @param {T} shown
 * @param {object} options
 * @param {(before: T) => void} options.continueFrom called with the other conversation that the cell showed before
 * @param {AbortSignal} options.signal
 */
export function recordInCell(root, shown, { continueFrom, signal }) {
  const observer = new ResizeObserver(() => {
    if (!root.isConnected) return;
    observer.disconnect();
    const cell = root.closest(".jp-Cell");
    const before = cell && record(cell, root, shown);
    // The same conversation has another store after a view was closed and opened again.
    if (before && before.store.snapshot.channel !== shown.store.snapshot.channel)
      continueFrom(/** @type {T} */ (before));
  });
  observer.observe(root);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}

/**
 * Record a view, and return what was in its place before.
 *
 * @type {(cell: Element, root: HTMLElement, shown: Shown) => Shown | undefined}
 */
function record(cell, root, shown) {
  const page = /** @type {{ [SHARED]?: Cells }} */ (globalThis);
  page[SHARED] ??= new WeakMap();
  const all = page[SHARED].get(cell) ?? [];
  const index = [...cell.querySelectorAll(".chatwidget")].indexOf(root);
  const before = all[index];
  all[index] = shown;
  page[SHARED].set(cell, all);
  return before;
}
