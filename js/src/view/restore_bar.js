/** The bar that restores removed messages. */

import { button, element } from "../dom/elements.js";

/** @import { Strings } from "../i18n/strings.js" */

/**
 * Create the bar; it is hidden while there is nothing to restore.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {() => void} options.onRestore
 * @param {AbortSignal} options.signal
 */
export function createRestoreBar({ strings, onRestore, signal }) {
  const text = element("span");
  const undo = button("undo", strings.undo);
  const line = element("div", { class: "chatwidget-removed", role: "status" }, text, undo);
  undo.addEventListener("click", onRestore, { signal });

  return {
    element: line,
    /**
     * @param {boolean} restorable
     * @param {boolean} isEmpty true if the whole conversation was cleared
     */
    update(restorable, isEmpty) {
      text.textContent = restorable ? (isEmpty ? strings.cleared : strings.deleted) : "";
      line.hidden = !restorable;
    },
  };
}
