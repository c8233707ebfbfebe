/** The colours of code: loaded when the first of it is on the page, and the same for all widgets of a page. */

import { moduleOf } from "./modules.js";

/** @typedef {typeof import("./colour_library.js")} Colours */

/** What code says once it is on the page. */
const SHOWN = "chatwidget-code";

/** @type {Colours | undefined} */
let library;

/** What there is by now. */
export const colours = () => library;

/**
 * Asks for them.
 *
 * @param {Element} code that is on the page, or will be by the end of this task
 */
export function wantColours(code) {
  queueMicrotask(() => code.dispatchEvent(new Event(SHOWN, { bubbles: true })));
}

/**
 * Loads them for the first code below an element.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {(name: string) => Promise<string>} options.load the source of a module
 * @param {() => void} options.onLoad
 * @param {AbortSignal} options.signal
 */
export function loadColours(root, { load, onLoad, signal }) {
  let isLoading = false;

  const fetchThem = async () => {
    isLoading = true;
    try {
      library ??= await moduleOf(await load("colours"));
      if (!signal.aborted) onLoad();
    } catch (error) {
      console.warn("chatwidget: code stays without colours", error);
    } finally {
      isLoading = false;
    }
  };

  root.addEventListener(SHOWN, () => void (isLoading || fetchThem()), { signal });
}
