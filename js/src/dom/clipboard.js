/** The clipboard, where there is one. */

import { element } from "./elements.js";

/**
 * @param {string} text
 * @param {HTMLElement} near where a field may stand for a moment; it gets the focus back
 */
export async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // There is no clipboard on pages without TLS, and none for some frames.
    const field = element("textarea", { class: "chatwidget-sr-only", readonly: "" });
    field.value = text;
    near.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    near.focus();
  }
}
