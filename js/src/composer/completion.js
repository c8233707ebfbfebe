/** Completion of `@name`: offers the notebook's variables below the input. The focus stays in the input. */

import { element } from "../dom/elements.js";
import { escapeInvisible } from "../dom/invisible.js";
import { positionPopup } from "../dom/popup.js";
import { newId } from "../text/id.js";
import { matchingNames, mentionAt } from "./mentions.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Name } from "../protocol/messages.js" */
/** @import { Mention } from "./mentions.js" */

const WORD = /^[\p{L}\p{N}_]*/u;

/**
 * Add completion to an input.
 *
 * @param {HTMLTextAreaElement} input
 * @param {object} options
 * @param {Strings} options.strings
 * @param {() => Promise<Name[]>} options.load
 * @param {AbortSignal} options.signal
 */
export function createCompletion(input, { strings, load, signal }) {
  const list = element("ul", {
    class: "chatwidget-popup chatwidget-completion",
    popover: "manual",
    role: "listbox",
    id: newId(),
    "aria-label": strings.variables,
  });
  const status = element("span", { class: "chatwidget-sr-only", role: "status" });
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-haspopup", "listbox");
  input.setAttribute("aria-controls", list.id);
  /** @type {Mention | null} */
  let mention = null;
  /** Start of the mention that is completed or dismissed. @type {number | null} */
  let done = null;
  /** @type {Name[]} */
  let names = [];
  /** @type {Name[]} */
  let offered = [];
  let active = 0;
  let isBelow = true;

  const isOpen = () => list.matches(":popover-open");

  const close = () => {
    mention = null;
    names = offered = [];
    status.textContent = "";
    input.removeAttribute("aria-activedescendant");
    if (isOpen()) list.hidePopover();
  };

  const mark = (/** @type {number} */ index) => {
    active = index;
    for (const [position, item] of [...list.children].entries())
      item.setAttribute("aria-selected", String(position === active));
    const item = list.children[active];
    if (!item) return;
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  };

  const offer = () => {
    offered = mention ? matchingNames(names, mention.prefix) : [];
    if (offered.length === 0) {
      if (isOpen()) list.hidePopover();
      input.removeAttribute("aria-activedescendant");
      status.textContent = "";
      return;
    }
    list.replaceChildren(...offered.map((name, index) => item(name, `${list.id}-${index}`)));
    const side = isOpen() ? isBelow : undefined;
    if (side === undefined) list.showPopover();
    isBelow = positionPopup(list, input, false, side);
    status.textContent = strings.variablesFound(offered.length);
    mark(0);
  };

  const follow = async () => {
    const atCaret =
      input.selectionStart === input.selectionEnd ? mentionAt(input.value, input.selectionStart) : null;
    if (atCaret?.start !== done) done = null;
    if (!atCaret || done !== null) return close();
    const isNew = atCaret.start !== mention?.start;
    mention = atCaret;
    if (isNew) {
      names = [];
      const loaded = await load();
      if (mention?.start !== atCaret.start || signal.aborted) return;
      names = loaded;
    }
    offer();
  };

  const choose = (/** @type {number} */ index) => {
    const name = offered[index]?.name;
    if (!mention || name === undefined) return;
    const rest = input.value.slice(mention.end);
    const end = mention.end + (WORD.exec(rest)?.[0].length ?? 0);
    const space = /^\s/u.test(input.value.slice(end)) ? "" : " ";
    done = mention.start;
    input.setRangeText(`@${name}${space}`, mention.start, end, "end");
    close();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const typed = (/** @type {Event} */ event) => {
    if (!(event instanceof InputEvent && event.isComposing)) void follow();
  };
  const moved = () => {
    const atCaret = mention && mentionAt(input.value, input.selectionStart);
    if (mention && atCaret?.start !== mention.start) close();
  };
  const clicked = (/** @type {MouseEvent} */ event) => {
    const target = event.target instanceof Element ? event.target.closest("li") : null;
    if (target) choose([...list.children].indexOf(target));
  };
  const scrolled = (/** @type {Event} */ { target }) => {
    if (isOpen() && target instanceof Node && target !== input && target.contains(input)) close();
  };

  input.addEventListener("input", typed, { signal });
  input.addEventListener("compositionend", () => void follow(), { signal });
  input.addEventListener("keyup", moved, { signal });
  input.addEventListener("click", moved, { signal });
  input.addEventListener("blur", close, { signal });
  // A mouse press would move the focus to the list.
  list.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
  list.addEventListener("click", clicked, { signal });
  document.addEventListener("scroll", scrolled, { signal, capture: true, passive: true });

  /** @type {Readonly<Record<string, () => void>>} */
  const keys = {
    ArrowDown: () => mark((active + 1) % offered.length),
    ArrowUp: () => mark((active - 1 + offered.length) % offered.length),
    Enter: () => choose(active),
    Tab: () => choose(active),
    Escape() {
      done = mention?.start ?? null;
      close();
    },
  };

  return {
    elements: [list, status],

    /** Handle a key; return true if it was for the list. @param {KeyboardEvent} event */
    takes(event) {
      const act = isOpen() && !event.shiftKey ? keys[event.key] : undefined;
      if (!act) return false;
      event.preventDefault();
      act();
      return true;
    },
  };
}

/**
 * @param {Name} named
 * @param {string} id
 */
function item({ name, kind }, id) {
  return element(
    "li",
    { class: "chatwidget-item", role: "option", id },
    element("span", { class: "chatwidget-item-name" }, escapeInvisible(name)),
    element("span", { class: "chatwidget-item-note" }, escapeInvisible(kind)),
  );
}
