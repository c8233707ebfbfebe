/** A block of code: its language, and what one can do with it. */

import { copyText } from "./clipboard.js";
import { button, element } from "./dom.js";

/** @import { Strings } from "./strings.js" */

/** Milliseconds for which a button says that it has copied. */
const COPIED = 2000;

/**
 * Puts a frame around code where it stands.
 *
 * @param {HTMLPreElement} pre
 * @param {Strings} strings
 */
export function codeFrame(pre, strings) {
  const language = /^language-(.*)$/.exec(pre.firstElementChild?.className ?? "")?.[1] ?? "";
  const label = element("span", { class: "chatwidget-code-language" }, language);
  const head = element("div", { class: "chatwidget-code-head" }, label, button("copy", strings.copy));
  const frame = element("div", { class: "chatwidget-code" }, head);
  pre.tabIndex = 0;
  pre.replaceWith(frame);
  frame.append(pre);
}

/**
 * Does what a button of a block of code is for, if that was clicked.
 *
 * @param {Element} clicked
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
export async function codeAction(clicked, strings, signal) {
  const button = clicked.closest("button");
  const code = button?.closest(".chatwidget-code")?.querySelector("pre")?.textContent;
  if (!button?.classList.contains("chatwidget-copy") || code === undefined) return;
  await copyText(code, button);
  button.textContent = strings.copied;
  const timer = setTimeout(() => {
    button.textContent = strings.copy;
  }, COPIED);
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}
