/** Copying to the clipboard. */

import { element } from "./elements.js";

/**
 * Copy a text.
 *
 * @param {string} text
 * @param {HTMLElement} near beside which a text field may stand for a moment; it gets the focus back
 */
export async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages without TLS and some frames have no clipboard API.
    const field = element("textarea", { class: "chatwidget-sr-only", readonly: "" });
    field.value = text;
    near.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    near.focus();
  }
}
