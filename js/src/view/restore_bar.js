/** The bar that brings back messages: those that were removed, or in a new chat those of the chat before. */

import { button, element, showText } from "../dom/elements.js";

/** @import { Strings } from "../i18n/strings.js" */

/**
 * Create the bar; it is hidden while there is nothing to bring back.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {() => void} options.onRestore
 * @param {AbortSignal} options.signal
 */
export function createRestoreBar({ strings, onRestore, signal }) {
  const text = element("span");
  const restore = button("undo", strings.undo);
  const line = element("div", { class: "chatwidget-removed", role: "status" }, text, restore);
  let offersPrevious = false;

  const bringBack = () => {
    // The kernel may take a moment; a second click must not ask it again.
    restore.disabled = true;
    onRestore();
  };
  restore.addEventListener("click", bringBack, { signal });

  return {
    element: line,

    /** Bring back the conversation of the chat before. Return false if none is offered. */
    bringBackPrevious() {
      const isOffered = offersPrevious && !restore.disabled;
      if (isOffered) bringBack();
      return isOffered;
    },

    /**
     * @param {boolean} restorable whether messages were removed
     * @param {object} chat
     * @param {boolean} chat.isEmpty true if the whole conversation was cleared
     * @param {number} chat.previous how many messages of the chat before can be brought back
     */
    update(restorable, { isEmpty, previous }) {
      offersPrevious = !restorable && previous > 0;
      line.hidden = !restorable && !offersPrevious;
      restore.disabled = false;
      const removed = isEmpty ? strings.cleared : strings.deleted;
      showText(text, offersPrevious ? strings.newChat : restorable ? removed : "");
      restore.textContent = offersPrevious ? strings.bringBack(previous) : strings.undo;
      restore.title = offersPrevious ? strings.bringBackHint : "";
    },
  };
}
