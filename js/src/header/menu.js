/** The menu of actions on the whole conversation. */

import { element } from "../dom/elements.js";
import { iconButton } from "../dom/icons.js";
import { createPopup } from "../dom/popup.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { ExportFormat } from "../protocol/messages.js" */

/** @typedef {ExportFormat | "find" | "clear"} Choice */

/** How far each key moves the focus. @type {Readonly<Record<string, number>>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY };

/**
 * Create the menu and the button that opens it.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(choice: Choice) => void} options.onChoose
 * @param {AbortSignal} options.signal
 */
export function createMenu({ strings, onChoose, signal }) {
  const anchor = iconButton("menu-button", "more", strings.menu.label);
  const items = /** @type {const} */ (["find", "markdown", "html", "notebook", "json", "clear"]).map(
    (choice) => {
      const item = element("button", {
        type: "button",
        class: "chatwidget-item",
        role: "menuitem",
        tabindex: "-1",
      });
      item.textContent = strings.menu[choice];
      item.addEventListener("click", () => choose(choice), { signal });
      return item;
    },
  );
  const popup = createPopup(anchor, {
    name: "menu",
    role: "menu",
    label: strings.menu.label,
    first: () => items.find((item) => !item.disabled),
    signal,
  });
  const choose = (/** @type {Choice} */ choice) => {
    popup.close();
    onChoose(choice);
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    const step = STEPS[event.key];
    if (event.key === "Tab") popup.close();
    if (step === undefined) return;
    event.preventDefault();
    const enabled = items.filter((item) => !item.disabled);
    const index = enabled.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const last = enabled.length - 1;
    const next = Number.isFinite(step)
      ? (index + step + enabled.length) % enabled.length
      : step < 0
        ? 0
        : last;
    enabled[next]?.focus();
  };

  popup.element.addEventListener("keydown", pressed, { signal });
  popup.element.append(...items);

  return {
    elements: [anchor, popup.element],
    /** @param {boolean} isEmpty true if the conversation has no messages */
    update(isEmpty) {
      for (const item of items) item.disabled = isEmpty;
      anchor.disabled = isEmpty;
    },
  };
}
