/** What opens below a button, over everything else on the page, and closes with Esc or a click elsewhere. */

import { element } from "./elements.js";

/** Pixels between a popup and its button, and the edge of the window. */
const GAP = 4;

/**
 * @param {HTMLButtonElement} anchor
 * @param {object} options
 * @param {string} options.name what comes after `chatwidget-` in its class
 * @param {"menu" | "dialog"} options.role
 * @param {string} options.label
 * @param {() => void} [options.fill] called before it is there
 * @param {() => HTMLElement | undefined} options.first what is focused in it
 * @param {AbortSignal} options.signal
 */
export function createPopup(anchor, { name, role, label, fill, first, signal }) {
  const popup = element("div", { class: `chatwidget-popup chatwidget-${name}`, popover: "auto", role });
  popup.setAttribute("aria-label", label);
  anchor.setAttribute("aria-haspopup", role);
  anchor.popoverTargetElement = popup;

  // `toggle` comes later than the popup, which may have been typed into by then.
  const opens = (/** @type {ToggleEvent} */ { newState }) => {
    if (newState === "open") fill?.();
  };
  const toggled = (/** @type {ToggleEvent} */ { newState }) => {
    const isOpen = newState === "open";
    anchor.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    positionPopup(popup, anchor, isAtEnd(anchor));
    if (!popup.matches(":focus-within")) first()?.focus();
  };
  // It stands where its button was: what scrolls with the button in it takes that away. An answer that comes in does not.
  const scrolled = (/** @type {Event} */ { target }) => {
    if (popup.matches(":popover-open") && target instanceof Node && target.contains(anchor)) close();
  };
  const close = () => popup.hidePopover();

  anchor.setAttribute("aria-expanded", "false");
  popup.addEventListener("beforetoggle", opens, { signal });
  popup.addEventListener("toggle", toggled, { signal });
  document.addEventListener("scroll", scrolled, { signal, capture: true, passive: true });

  return { element: popup, close };
}

/** Whether it is nearer to the end of what it stands in. @param {HTMLElement} anchor */
function isAtEnd(anchor) {
  const button = anchor.getBoundingClientRect();
  const around = anchor.parentElement?.getBoundingClientRect() ?? button;
  return button.left + button.right > around.left + around.right;
}

/**
 * Below the anchor, or above it where there is more room, along its end or its start, and within the window.
 *
 * @param {HTMLElement} popup
 * @param {HTMLElement} anchor
 * @param {boolean} alongEnd
 */
export function positionPopup(popup, anchor, alongEnd) {
  const button = anchor.getBoundingClientRect();
  const left = alongEnd ? button.right - popup.offsetWidth : button.left;
  const isBelow =
    button.bottom + popup.offsetHeight + GAP <= innerHeight || button.top < innerHeight - button.bottom;
  const top = isBelow ? button.bottom + GAP : button.top - GAP - popup.offsetHeight;
  popup.style.left = `${within(left, innerWidth - popup.offsetWidth)}px`;
  popup.style.top = `${within(top, innerHeight - popup.offsetHeight)}px`;
}

/** @type {(value: number, end: number) => number} */
const within = (value, end) => Math.max(GAP, Math.min(value, end - GAP));
