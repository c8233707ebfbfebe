/** Popups that open below a button, above the rest of the page, and close with Esc or a click elsewhere. */

import { element } from "./elements.js";

/** The distance of a popup from its button and from the edge of the window, in pixels. */
const GAP = 4;
/** The distance that a button may move before its popup closes, in pixels: zoom and half pixels are no move. */
const NEAR = 2;

/**
 * Create a popup that a button opens.
 *
 * @param {HTMLButtonElement} anchor
 * @param {object} options
 * @param {string} options.name the part of its class after `chatwidget-`
 * @param {"menu" | "dialog"} options.role
 * @param {string} options.label
 * @param {() => void} [options.fill] called before it opens
 * @param {() => HTMLElement | undefined} options.first returns the element to focus
 * @param {AbortSignal} options.signal
 */
export function createPopup(anchor, { name, role, label, fill, first, signal }) {
  const popup = element("div", { class: `chatwidget-popup chatwidget-${name}`, popover: "auto", role });
  popup.setAttribute("aria-label", label);
  anchor.setAttribute("aria-haspopup", role);
  anchor.popoverTargetElement = popup;
  let place = anchor.getBoundingClientRect();

  // `toggle` comes after the popup opens, when the user may already have typed into it.
  const opens = (/** @type {ToggleEvent} */ { newState }) => {
    if (newState !== "open") return;
    place = anchor.getBoundingClientRect();
    fill?.();
  };
  const toggled = (/** @type {ToggleEvent} */ { newState }) => {
    const isOpen = newState === "open";
    anchor.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    positionPopup(popup, anchor, isAtEnd(anchor));
    place = anchor.getBoundingClientRect();
    if (!popup.matches(":focus-within")) first()?.focus();
  };
  // Scrolling moves the button away from its popup. An answer that streams in does not, nor does a host that scrolls a
  // cell into view that is in view.
  const scrolled = () => {
    if (!popup.matches(":popover-open")) return;
    const { left, top } = anchor.getBoundingClientRect();
    if (Math.abs(left - place.left) > NEAR || Math.abs(top - place.top) > NEAR) close();
  };
  const close = () => popup.hidePopover();

  anchor.setAttribute("aria-expanded", "false");
  popup.addEventListener("beforetoggle", opens, { signal });
  popup.addEventListener("toggle", toggled, { signal });
  document.addEventListener("scroll", scrolled, { signal, capture: true, passive: true });

  return { element: popup, close };
}

/** Return true if an element is closer to the end of its parent than to the start. @param {HTMLElement} anchor */
function isAtEnd(anchor) {
  const button = anchor.getBoundingClientRect();
  const around = anchor.parentElement?.getBoundingClientRect() ?? button;
  return button.left + button.right > around.left + around.right;
}

/**
 * Place a popup below an anchor, or above if there is more room, within the window.
 *
 * @param {HTMLElement} popup
 * @param {HTMLElement} anchor
 * @param {boolean} alongEnd
 * @param {boolean} [wasBelow] the side that a popup which changes its size stays on
 * @returns {boolean} true if it is below
 */
export function positionPopup(popup, anchor, alongEnd, wasBelow) {
  const button = anchor.getBoundingClientRect();
  const left = alongEnd ? button.right - popup.offsetWidth : button.left;
  const fits = button.bottom + popup.offsetHeight + GAP <= innerHeight;
  const isBelow = wasBelow ?? (fits || button.top < innerHeight - button.bottom);
  const top = isBelow ? button.bottom + GAP : button.top - GAP - popup.offsetHeight;
  popup.style.left = `${within(left, innerWidth - popup.offsetWidth)}px`;
  popup.style.top = `${within(top, innerHeight - popup.offsetHeight)}px`;
  return isBelow;
}

/** @type {(value: number, end: number) => number} */
const within = (value, end) => Math.max(GAP, Math.min(value, end - GAP));
