/** A Markdown text on the page, as it grows. Only blocks whose HTML changed are touched. */

import { createBlocks } from "./blocks.js";
import { button, element } from "./dom.js";
import { morphChildren } from "./morph.js";
import { toFragment } from "./sanitize.js";

/** @import { Strings } from "./strings.js" */

/** Milliseconds for which a button says that it has copied. */
const COPIED = 2000;

/** Milliseconds a frame has for a text; one that takes longer then rests for some times as long. */
const BUDGET = 8;
const REST = 3;

/**
 * The parent is hidden while there is no text.
 *
 * @param {HTMLElement} parent
 * @param {Strings} strings
 * @returns {(text: string, isWhole: boolean) => void}
 */
export function growingMarkdown(parent, strings) {
  const blocksOf = createBlocks();
  /** @type {{ element: HTMLElement, html: string }[]} */
  const shown = [];
  let last = "";
  let wasWhole = false;
  let restsUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  parent.hidden = true;

  const show = (/** @type {string} */ text, /** @type {boolean} */ isWhole) => {
    const blocks = blocksOf(text, isWhole);
    for (const gone of shown.splice(blocks.length)) gone.element.remove();
    for (const [index, { html }] of blocks.entries()) {
      shown[index] ??= {
        element: parent.appendChild(element("div", { class: "chatwidget-block" })),
        html: "",
      };
      const block = shown[index];
      if (block.html === html) continue;
      morphChildren(block.element, furnished(toFragment(html), strings));
      block.html = html;
    }
    parent.hidden = text === "";
  };

  const showNow = () => {
    const started = performance.now();
    show(last, wasWhole);
    const now = performance.now();
    restsUntil = now - started > BUDGET ? now + REST * (now - started) : 0;
  };

  return (text, isWhole) => {
    if (text === last && isWhole === wasWhole) return;
    [last, wasWhole] = [text, isWhole];
    const rest = restsUntil - performance.now();
    clearTimeout(timer);
    // The view may be gone by then.
    if (rest > 0 && !isWhole) timer = setTimeout(() => parent.isConnected && showNow(), rest);
    else showNow();
  };
}

/**
 * Adds what is ours to what content may have.
 *
 * @param {DocumentFragment} fragment
 * @param {Strings} strings
 */
function furnished(fragment, strings) {
  for (const pre of fragment.querySelectorAll("pre")) {
    const language = /^language-(.*)$/.exec(pre.firstElementChild?.className ?? "")?.[1] ?? "";
    const label = element("span", { class: "chatwidget-code-language" }, language);
    const head = element("div", { class: "chatwidget-code-head" }, label, button("copy", strings.copy));
    const frame = element("div", { class: "chatwidget-code" }, head);
    pre.tabIndex = 0;
    pre.replaceWith(frame);
    frame.append(pre);
  }
  for (const table of fragment.querySelectorAll("table")) {
    const frame = element("div", { class: "chatwidget-table", tabindex: "0" });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const box of fragment.querySelectorAll("input")) box.setAttribute("aria-label", strings.task);
  return fragment;
}

/**
 * Copies the code below a copy button, and says so.
 *
 * @param {Element} clicked
 * @param {Strings} strings
 */
export async function copyCode(clicked, strings) {
  const code = clicked.closest(".chatwidget-code")?.querySelector("pre")?.textContent ?? "";
  await copy(code, clicked);
  clicked.textContent = strings.copied;
  setTimeout(() => {
    clicked.textContent = strings.copy;
  }, COPIED);
}

/**
 * @param {string} text
 * @param {Element} near where a field may stand for a moment
 */
async function copy(text, near) {
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
    if (near instanceof HTMLElement) near.focus();
  }
}
