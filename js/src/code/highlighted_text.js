/** Code on the page: coloured a line at a time, as it grows. Its text content is the code, to the letter. */

import { element } from "../dom/elements.js";
import { boxed } from "../dom/invisible.js";
import { colours, wantColours } from "./highlighter.js";

/** @import { Colours } from "./highlighter.js" */
/** @import { Mode } from "./languages.js" */

/** How many lines are elements of their own, with colours. What follows is plain, many lines together. */
const COLOURED = 5000;
const TOGETHER = 500;

/** Milliseconds for which lines are coloured before the page gets its turn. */
const BUDGET = 6;

/** @typedef {{ element: HTMLElement, text: string, isWhole: boolean }} Line */

/** What colours code that there were no colours for. @type {WeakMap<Element, () => void>} */
const plain = new WeakMap();

/**
 * Colours the code below an element, once there are colours.
 *
 * @param {Element} root
 */
export function colourAll(root) {
  for (const code of root.querySelectorAll("code")) plain.get(code)?.();
}

/**
 * @param {HTMLElement} code
 * @param {string} language
 * @returns {(text: string) => void} shows a text, which most often is the last one and more
 */
export function growingCode(code, language) {
  /** @type {Line[]} */
  const lines = [];
  /** @type {((until: number) => boolean) | undefined} */
  let colour;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  code.replaceChildren();

  const goOn = () => {
    const library = colours();
    if (!library) {
      plain.set(code, goOn);
      return wantColours(code);
    }
    const mode = library.modeOf(language);
    colour ??= mode ? colourist(library, mode, lines) : () => true;
    const isDone = colour(performance.now() + BUDGET);
    // The view may be gone by then.
    if (!isDone) timer = setTimeout(() => code.isConnected && goOn(), 0);
  };

  return (text) => {
    const kept = keptOf(lines, text);
    for (const gone of lines.splice(kept.count)) gone.element.remove();
    for (let at = kept.length; at < text.length; ) {
      const line = lineAt(text, at, lines.length < COLOURED ? 1 : TOGETHER);
      code.append(line.element);
      lines.push(line);
      at += line.text.length;
    }
    clearTimeout(timer);
    goOn();
  };
}

/**
 * How much of a text is on the page as it is to be.
 *
 * @param {Line[]} lines
 * @param {string} text
 */
function keptOf(lines, text) {
  let [count, length] = [0, 0];
  for (const line of lines) {
    if (!line.isWhole || !text.startsWith(line.text, length)) break;
    count++;
    length += line.text.length;
  }
  return { count, length };
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} count how many lines of the text become one here
 * @returns {Line}
 */
function lineAt(text, start, count) {
  let end = start;
  let found = 0;
  for (; found < count && end < text.length; found++) end = text.indexOf("\n", end) + 1 || text.length;
  const line = text.slice(start, end);
  const made = element("span", { class: "chatwidget-line" }, ...boxed(line));
  return { element: made, text: line, isWhole: found === count && line.endsWith("\n") };
}

/**
 * Gives lines their colours, from the first to the last. The last one may yet change: what it leaves open is not kept.
 *
 * @param {Colours} library
 * @param {Mode} mode
 * @param {Line[]} lines
 * @returns {(until: number) => boolean} whether all have theirs
 */
function colourist({ copyOf, piecesOf, startState }, mode, lines) {
  let next = 0;
  let state = startState(mode);
  return (until) => {
    const last = Math.min(lines.length, COLOURED) - 1;
    if (next > last) [next, state] = [0, startState(mode)];
    for (; next < last; next++) {
      if (performance.now() > until) return false;
      paint(lines[next], (text) => piecesOf(mode, text, state));
    }
    paint(lines[last], (text) => piecesOf(mode, text, copyOf(mode, state)));
    return true;
  };
}

/**
 * @param {Line | undefined} line
 * @param {(text: string) => { text: string, kind: string }[]} piecesOf
 */
function paint(line, piecesOf) {
  if (!line) return;
  const end = line.text.endsWith("\n") ? "\n" : "";
  const nodes = piecesOf(line.text.slice(0, line.text.length - end.length)).flatMap(({ text, kind }) => {
    return kind ? [element("span", { class: `chatwidget-tok-${kind}` }, ...boxed(text))] : boxed(text);
  });
  line.element.replaceChildren(...nodes, end);
}
