/**
 * Draws formulas on the page. They show their source until the library is loaded, while they are incomplete, and if
 * they are invalid.
 */

import { importSource } from "../dom/import_source.js";
import { sanitizeMath } from "./sanitize.js";

/** @typedef {{ toMathML: (tex: string, displayMode: boolean) => string }} Library */

const FORMULA = "chatwidget-math";
const DISPLAY = "chatwidget-math-display";

/** The event of a formula that is on the page. */
const SHOWN = "chatwidget-formula";

/** How long drawing may block the page at a time, in milliseconds. */
const BUDGET = 8;

/** Bidirectional controls, which are not allowed in formulas. */
const TURNING = /\p{Bidi_Control}/u;

/** The sources of formulas, with their delimiters. @type {WeakMap<Element, string>} */
const sources = new WeakMap();

/** Return the source of a formula on the page, drawn or not; undefined for other elements. @param {Element} formula */
export const formulaSource = (formula) => sources.get(formula);

/**
 * Draw a formula as soon as it is on the page.
 *
 * @param {Element} formula
 */
export function drawSoon(formula) {
  sources.set(formula, formula.textContent ?? "");
  queueMicrotask(() => {
    // A formula that only served as a model for morphing never reaches the page.
    if (formula.isConnected) formula.dispatchEvent(new Event(SHOWN, { bubbles: true }));
  });
}

/**
 * Return true if an element has the same formula as another, drawn or not.
 *
 * @param {Element} there
 * @param {Element} wanted
 */
export function isSameFormula(there, wanted) {
  const source = sources.get(there);
  return source !== undefined && source === sources.get(wanted) && there.className === wanted.className;
}

/**
 * Draw the formulas below an element, and load the library for the first of them.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {(name: string) => Promise<string>} options.load the source of a module
 * @param {AbortSignal} options.signal
 */
export function drawFormulas(root, { load, signal }) {
  /** @type {Element[]} */
  const queue = [];
  /** @type {Library | undefined} */
  let library;
  let isLoading = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const drawQueue = () => {
    clearTimeout(timer);
    const until = performance.now() + BUDGET;
    for (let next = queue.shift(); library && next; next = queue.shift()) {
      draw(next, library);
      if (performance.now() > until) break;
    }
    if (queue.length > 0) timer = setTimeout(drawQueue, 0);
  };

  const loadLibrary = async () => {
    isLoading = true;
    try {
      library = await importSource(await load("math"));
      if (!signal.aborted) drawQueue();
    } catch (error) {
      console.warn("chatwidget: formulas stay as they are written", error);
    } finally {
      isLoading = false;
    }
  };

  root.addEventListener(
    SHOWN,
    ({ target }) => {
      if (target instanceof Element) queue.push(target);
      if (library) drawQueue();
      else if (!isLoading) void loadLibrary();
    },
    { signal },
  );
  root.addEventListener("copy", copySources, { signal });
  // The pending import keeps this closure alive; it must not hold removed elements.
  const end = () => {
    clearTimeout(timer);
    queue.length = 0;
  };
  signal.addEventListener("abort", end, { once: true });
}

/**
 * Draw one formula.
 *
 * @param {Element} formula
 * @param {Library} library
 */
function draw(formula, { toMathML }) {
  if (!formula.isConnected) return;
  // An environment has no delimiters.
  const tex = (sources.get(formula) ?? "").replace(/^(?:\$\$?|\\[([])(.*?)(?:\$\$?|\\[)\]])$/s, "$1");
  try {
    const drawn = sanitizeMath(toMathML(tex, formula.classList.contains(DISPLAY)));
    if (!TURNING.test(drawn.textContent ?? "")) formula.replaceChildren(drawn);
  } catch {
    // Invalid or too deep: the source stays.
  }
}

/**
 * Copy formulas as their sources: the text of drawn formulas is meaningless.
 *
 * @param {ClipboardEvent} event
 */
function copySources(event) {
  const root = event.currentTarget;
  const selection = document.getSelection();
  if (
    !(root instanceof HTMLElement) ||
    !selection ||
    selection.rangeCount === 0 ||
    event.target instanceof HTMLTextAreaElement
  )
    return;
  const selected = [...root.querySelectorAll(`.${FORMULA}`)].filter((formula) =>
    selection.containsNode(formula, true),
  );
  if (selected.length === 0) return;
  const copied = document.createElement("div");
  copied.className = "chatwidget-sr-only";
  copied.append(selection.getRangeAt(0).cloneContents());
  for (const [index, formula] of copied.querySelectorAll(`.${FORMULA}`).entries()) {
    formula.textContent = sources.get(selected[index] ?? formula) ?? formula.textContent;
  }
  root.append(copied);
  event.clipboardData?.setData("text/plain", copied.innerText);
  copied.remove();
  event.preventDefault();
}
