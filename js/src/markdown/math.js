/**
 * Formulas on the page. They show their source until the library is there, while they are written, and where they are
 * none.
 */

import { importSource } from "../dom/import_source.js";
import { sanitizeMath } from "./sanitize.js";

/** @typedef {{ toMathML: (tex: string, displayMode: boolean) => string }} Library */

const FORMULA = "chatwidget-math";
const DISPLAY = "chatwidget-math-display";

/** What a formula says once it is on the page. */
const SHOWN = "chatwidget-formula";

/** Milliseconds for which formulas are drawn before the page gets its turn. */
const BUDGET = 8;

/** Characters that turn others around have no part in a formula. */
const TURNING = /\p{Bidi_Control}/u;

/** Of the formulas that are drawn or are to be, with their signs. @type {WeakMap<Element, string>} */
const sources = new WeakMap();

/**
 * Has a formula drawn as soon as it is on the page.
 *
 * @param {Element} formula
 */
export function drawSoon(formula) {
  sources.set(formula, formula.textContent ?? "");
  queueMicrotask(() => {
    // One that only told another what it is to be never gets there.
    if (formula.isConnected) formula.dispatchEvent(new Event(SHOWN, { bubbles: true }));
  });
}

/**
 * Whether an element is the formula that is wanted, drawn or not.
 *
 * @param {Element} there
 * @param {Element} wanted
 */
export function isSameFormula(there, wanted) {
  const source = sources.get(there);
  return source !== undefined && source === sources.get(wanted) && there.className === wanted.className;
}

/**
 * Draws what formulas come below an element, with a library that is loaded for the first of them.
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
  // A library that never comes is waited for, and is not to hold what is gone.
  const end = () => {
    clearTimeout(timer);
    queue.length = 0;
  };
  signal.addEventListener("abort", end, { once: true });
}

/**
 * @param {Element} formula
 * @param {Library} library
 */
function draw(formula, { toMathML }) {
  if (!formula.isConnected) return;
  // An environment has no signs around it.
  const tex = (sources.get(formula) ?? "").replace(/^(?:\$\$?|\\[([])(.*?)(?:\$\$?|\\[)\]])$/s, "$1");
  try {
    const drawn = sanitizeMath(toMathML(tex, formula.classList.contains(DISPLAY)));
    if (!TURNING.test(drawn.textContent ?? "")) formula.replaceChildren(drawn);
  } catch {
    // No formula, or one too deep: its source stays.
  }
}

/**
 * What is copied has the sources of its formulas; signs on a plane make no text.
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
