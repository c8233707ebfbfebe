/** The highlighter: loaded when the first code is shown, and shared by all widgets of a page. */

import { importSource } from "../dom/import_source.js";

/** @typedef {typeof import("./highlighter_bundle.js")} Highlighter */

/** The event of code that is on the page. */
const SHOWN = "chatwidget-code";

/** @type {Highlighter | undefined} */
let library;

/** Return the highlighter, if it is loaded. */
export const loadedHighlighter = () => library;

/**
 * Request the highlighter.
 *
 * @param {Element} code on the page, now or by the end of this task
 */
export function requestHighlighter(code) {
  queueMicrotask(() => code.dispatchEvent(new Event(SHOWN, { bubbles: true })));
}

/**
 * Load the highlighter for the first code below an element, which may be garbage-collected meanwhile.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {(name: string) => Promise<string>} options.load the source of a module
 * @param {(root: HTMLElement) => void} options.highlight
 * @param {AbortSignal} options.signal
 */
export function loadHighlighter(root, { load, highlight, signal }) {
  const shown = new WeakRef(root);
  let isLoading = false;
  const want = () => {
    if (isLoading) return;
    isLoading = true;
    void loadFor(shown, load, highlight).finally(() => {
      isLoading = false;
    });
  };
  root.addEventListener(SHOWN, want, { signal });
}

/**
 * @param {WeakRef<HTMLElement>} shown
 * @param {(name: string) => Promise<string>} load
 * @param {(root: HTMLElement) => void} highlight
 */
async function loadFor(shown, load, highlight) {
  try {
    library ??= await importSource(await load("colours"));
    const root = shown.deref();
    if (root?.isConnected) highlight(root);
  } catch (error) {
    console.warn("chatwidget: code stays without colours", error);
  }
}
