/** The bar for finding text in the conversation: a field, the count, and buttons. */

import { element } from "../dom/elements.js";
import { iconButton } from "../dom/icons.js";

/** @import { Strings } from "../i18n/strings.js" */

/**
 * Create the bar; it is hidden until it is opened.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(query: string) => void} options.onQuery called with each change of the field
 * @param {(step: 1 | -1) => void} options.onStep
 * @param {() => void} options.onClose
 * @param {AbortSignal} options.signal
 */
export function createFindBar({ strings: { find: strings }, onQuery, onStep, onClose, signal }) {
  const field = element("input", {
    class: "chatwidget-find-input",
    type: "text",
    dir: "auto",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    placeholder: strings.label,
    "aria-label": strings.label,
  });
  // What is counted while an answer streams is shown, but read out only when the user has acted.
  const count = element("span", { class: "chatwidget-find-count", "aria-hidden": "true" });
  const spoken = element("span", { class: "chatwidget-sr-only", role: "status" });
  const previous = iconButton("find-previous", "up", strings.previous);
  const next = iconButton("find-next", "down", strings.next);
  const close = iconButton("find-close", "remove", strings.close);
  const bar = element("div", { class: "chatwidget-find", role: "search", "aria-label": strings.label });
  bar.append(field, element("div", { class: "chatwidget-find-steps" }, count, spoken, previous, next, close));
  bar.hidden = true;

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && event.target === field) onStep(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  };

  field.addEventListener("input", () => onQuery(field.value), { signal });
  bar.addEventListener("keydown", pressed, { signal });
  previous.addEventListener("click", () => onStep(-1), { signal });
  next.addEventListener("click", () => onStep(1), { signal });
  close.addEventListener("click", onClose, { signal });

  return {
    element: bar,

    get query() {
      return field.value;
    },

    get isFocused() {
      return field.matches(":focus");
    },

    /** Open the bar. @param {string} query to fill in, unless it is empty */
    open(query) {
      bar.hidden = false;
      if (query) field.value = query;
      field.focus();
      field.select();
    },

    hide() {
      bar.hidden = true;
    },

    /**
     * @param {object} result
     * @param {number | null} result.ordinal of the current match, from 0
     * @param {number} result.total
     * @param {boolean} result.isCounting
     */
    show({ ordinal, total, isCounting }) {
      const isFound = total > 0;
      bar.classList.toggle("chatwidget-find-none", !isFound && !isCounting && field.value !== "");
      previous.disabled = next.disabled = !isFound;
      count.textContent = isFound
        ? strings.count(ordinal === null ? 0 : ordinal + 1, total)
        : field.value && (isCounting ? strings.searching : strings.none);
    },

    /** Read out the count and the text around the match. @param {string} around */
    announce(around) {
      spoken.textContent = [count.textContent, around].filter(Boolean).join(": ");
    },
  };
}
