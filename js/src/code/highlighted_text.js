/** Code that is highlighted line by line as it grows. Its text content is exactly the code. */

import { element } from "../dom/elements.js";
import { boxInvisible } from "../dom/invisible.js";
import { loadedHighlighter, requestHighlighter } from "./highlighter.js";

/** @import { Highlighter } from "./highlighter.js" */
/** @import { Mode } from "./languages.js" */

/** How many lines have elements of their own and are highlighted, and how many later ones share a plain element. */
const HIGHLIGHTED = 5000;
const TOGETHER = 500;

/** How long highlighting may block the page at a time, in milliseconds. */
const BUDGET = 6;

/** @typedef {{ element: HTMLElement, text: string, isWhole: boolean }} Line */

/** Functions that highlight code shown before the highlighter was loaded. @type {WeakMap<Element, () => void>} */
const plain = new WeakMap();

/**
 * Highlight the code below an element, once the highlighter is loaded.
 *
 * @param {Element} root
 */
export function highlightAll(root) {
  for (const code of root.querySelectorAll("code")) plain.get(code)?.();
}

/**
 * Return a function that shows a growing code.
 *
 * @param {HTMLElement} code
 * @param {string} language
 * @returns {(text: string) => void} a text usually extends the last one
 */
export function growingCode(code, language) {
  /** @type {Line[]} */
  const lines = [];
  /** @type {((until: number) => boolean) | undefined} */
  let highlight;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  code.replaceChildren();

  const highlightLines = () => {
    const library = loadedHighlighter();
    if (!library) {
      plain.set(code, highlightLines);
      return requestHighlighter(code);
    }
    const mode = library.modeOf(language);
    highlight ??= mode ? lineHighlighter(library, mode, lines) : () => true;
    const isDone = highlight(performance.now() + BUDGET);
    // The view may be removed before the timer fires.
    if (!isDone) timer = setTimeout(() => code.isConnected && highlightLines(), 0);
  };

  return (text) => {
    const kept = reusableLines(lines, text);
    for (const gone of lines.splice(kept.count)) gone.element.remove();
    for (let at = kept.length; at < text.length; ) {
      const line = lineAt(text, at, lines.length < HIGHLIGHTED ? 1 : TOGETHER);
      code.append(line.element);
      lines.push(line);
      at += line.text.length;
    }
    clearTimeout(timer);
    highlightLines();
  };
}

/**
 * Return how many lines, and how much of a text, can stay on the page.
 *
 * @param {Line[]} lines
 * @param {string} text
 */
function reusableLines(lines, text) {
  let [count, length] = [0, 0];
  for (const line of lines) {
    if (!line.isWhole || !text.startsWith(line.text, length)) break;
    count++;
    length += line.text.length;
  }
  return { count, length };
}

/**
 * Create the element of one or more lines.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} count how many lines share the element
 * @returns {Line}
 */
function lineAt(text, start, count) {
  let end = start;
  let taken = 0;
  for (; taken < count && end < text.length; taken++) end = text.indexOf("\n", end) + 1 || text.length;
  const line = text.slice(start, end);
  const lineElement = element("span", { class: "chatwidget-line" }, ...boxInvisible(line));
  return { element: lineElement, text: line, isWhole: taken === count && line.endsWith("\n") };
}

/**
 * Return a function that highlights lines in order. The last line may yet change: the state after it is not kept.
 *
 * @param {Highlighter} library
 * @param {Mode} mode
 * @param {Line[]} lines
 * @returns {(until: number) => boolean} false if the time ran out
 */
function lineHighlighter({ copyState, tokenize, startState }, mode, lines) {
  let next = 0;
  let state = startState(mode);
  return (until) => {
    const last = Math.min(lines.length, HIGHLIGHTED) - 1;
    if (next > last) [next, state] = [0, startState(mode)];
    for (; next < last; next++) {
      if (performance.now() > until) return false;
      paint(lines[next], (text) => tokenize(mode, text, state));
    }
    paint(lines[last], (text) => tokenize(mode, text, copyState(mode, state)));
    return true;
  };
}

/**
 * @param {Line | undefined} line
 * @param {(text: string) => { text: string, kind: string }[]} tokenize
 */
function paint(line, tokenize) {
  if (!line) return;
  const end = line.text.endsWith("\n") ? "\n" : "";
  const nodes = tokenize(line.text.slice(0, line.text.length - end.length)).flatMap(({ text, kind }) => {
    return kind
      ? [element("span", { class: `chatwidget-tok-${kind}` }, ...boxInvisible(text))]
      : boxInvisible(text);
  });
  line.element.replaceChildren(...nodes, end);
}
