/** Blocks of code: a frame with the language and buttons, and highlighted code. */

import { copyText } from "../dom/clipboard.js";
import { button, element } from "../dom/elements.js";
import { startTimer } from "../dom/timer.js";
import { growingCode } from "./highlighted_text.js";

/** @import { Insert } from "../host/insert_cell.js" */
/** @import { Strings } from "../i18n/strings.js" */

/** How long a button shows that it has acted, in milliseconds. */
const DONE = 2000;

/** The function that updates the text in a frame. @type {WeakMap<Element, (text: string) => void>} */
const growing = new WeakMap();

/**
 * Put a frame around code in place. It is highlighted once the frame is on the page.
 *
 * @param {HTMLPreElement} pre
 * @param {Strings} strings
 */
export function frameCodeBlock(pre, strings) {
  const code = pre.querySelector("code");
  const language = languageOf(code);
  const label = element("span", { class: "chatwidget-code-language" }, language);
  const wrap = button("wrap", strings.wrap);
  wrap.setAttribute("aria-pressed", "false");
  const insert = button("insert", strings.insert);
  const copy = button("copy", strings.copy);
  const head = element("div", { class: "chatwidget-code-head" }, label, insert, wrap, copy);
  const frame = element("div", { class: "chatwidget-code" }, head);
  pre.tabIndex = 0;
  pre.replaceWith(frame);
  frame.append(pre);
  queueMicrotask(() => {
    // A frame that only served as a model for morphing never reaches the page.
    if (!frame.isConnected) return;
    if (!growing.has(frame)) updateCodeBlock(frame, code?.textContent ?? "");
  });
}

/**
 * Update the code in a frame.
 *
 * @param {Element} frame
 * @param {string} text
 */
export function updateCodeBlock(frame, text) {
  const code = frame.querySelector("code");
  if (!code) return;
  const show = growing.get(frame) ?? growingCode(code, languageOf(code));
  growing.set(frame, show);
  show(text);
}

/**
 * Update a frame to the code of another, if both are in the same language.
 *
 * @param {Element} frame
 * @param {Element} wanted
 * @returns {boolean}
 */
export function morphCodeBlock(frame, wanted) {
  if (!isFrame(frame) || !isFrame(wanted)) return false;
  const [there, next] = [frame.querySelector("code"), wanted.querySelector("code")];
  if (!there || !next || there.className !== next.className) return false;
  updateCodeBlock(frame, next.textContent ?? "");
  return true;
}

/**
 * Run the action of a button in a code block, if one was clicked.
 *
 * @param {Element} clicked
 * @param {object} options
 * @param {Strings} options.strings
 * @param {Insert | undefined} options.insert
 * @param {AbortSignal} options.signal
 */
export async function handleCodeBlockClick(clicked, { strings, insert, signal }) {
  const button = clicked.closest("button");
  const frame = button?.closest(".chatwidget-code");
  if (!button || !frame) return;
  const code = frame.querySelector("code")?.textContent ?? "";
  if (button.classList.contains("chatwidget-wrap")) toggleWrap(frame, button);
  else if (button.classList.contains("chatwidget-insert")) {
    insert?.(code.trimEnd(), frame);
    showDone(button, [strings.inserted, strings.insert], signal);
  } else if (button.classList.contains("chatwidget-copy")) {
    await copyText(code, button);
    showDone(button, [strings.copied, strings.copy], signal);
  }
}

/**
 * @param {Element} frame
 * @param {HTMLButtonElement} button
 */
function toggleWrap(frame, button) {
  const wraps = frame.classList.toggle("chatwidget-wraps");
  button.setAttribute("aria-pressed", String(wraps));
}

/**
 * @param {HTMLButtonElement} button
 * @param {[done: string, label: string]} texts
 * @param {AbortSignal} signal
 */
function showDone(button, [done, label], signal) {
  button.textContent = done;
  startTimer(
    DONE,
    () => {
      button.textContent = label;
    },
    signal,
  );
}

/** @param {Element} element */
const isFrame = (element) => element.classList.contains("chatwidget-code");

/** @param {Element | null} code */
const languageOf = (code) => /^language-(.*)$/.exec(code?.className ?? "")?.[1] ?? "";
