/**
 * The view over the whole window. It goes to the browser's top layer where it is: hosts put cells into
 * boxes that no `position: fixed` leaves, and an element that moves in the page loses its scroll positions.
 */

import { button, element } from "../dom/elements.js";
import { showIcon } from "../dom/icons.js";

/** @import { Strings } from "../i18n/strings.js" */

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']";

/** How a screen reader is told that the rest of the page is not there. */
const MODAL = { role: "dialog", "aria-modal": "true", popover: "manual" };

/**
 * @param {HTMLElement} root
 * @param {object} options
 * @param {Strings} options.strings
 * @param {AbortSignal} options.signal
 * @returns {HTMLButtonElement} the button that turns it on and off
 */
export function createFullWindow(root, { strings, signal }) {
  const toggle = button("full", "");
  // What is below stays where it is, and a notebook that unmounts what is out of sight sees no change.
  const stand = element("div", { class: "chatwidget-stand" });
  const isFull = () => root.matches(":popover-open");

  const label = () => {
    showIcon(toggle, isFull() ? "shrink" : "expand", isFull() ? strings.leaveFullWindow : strings.fullWindow);
  };

  const open = () => {
    stand.style.height = `${root.offsetHeight}px`;
    root.after(stand);
    for (const [name, value] of Object.entries(MODAL)) root.setAttribute(name, value);
    root.setAttribute("aria-label", strings.conversation);
    root.showPopover();
    // Else what leaves again before its size was seen would look unchanged.
    resized.unobserve(root);
    resized.observe(root);
  };

  const close = () => {
    for (const name of [...Object.keys(MODAL), "aria-label"]) root.removeAttribute(name);
    stand.remove();
  };

  const turn = () => {
    const focused = document.activeElement;
    if (isFull()) close();
    else open();
    label();
    if (focused instanceof HTMLElement && root.contains(focused)) focused.focus();
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (!isFull() || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") turn();
    if (event.key === "Tab") keepWithin(root, event);
  };

  // What leaves the page leaves the top layer, of which no event tells.
  const resized = new ResizeObserver(() => {
    if (!stand.parentNode || isFull()) return;
    close();
    label();
  });

  label();
  resized.observe(root);
  toggle.addEventListener("click", turn, { signal });
  root.addEventListener("keydown", pressed, { signal });
  signal.addEventListener(
    "abort",
    () => {
      resized.disconnect();
      close();
    },
    { once: true },
  );
  return toggle;
}

/**
 * The focus goes round instead of to what is covered.
 *
 * @param {HTMLElement} root
 * @param {KeyboardEvent} event
 */
function keepWithin(root, event) {
  const reachable = Array.from(root.querySelectorAll(FOCUSABLE)).filter(isReachable);
  const [from, to] = event.shiftKey
    ? [reachable.at(0), reachable.at(-1)]
    : [reachable.at(-1), reachable.at(0)];
  if (event.target !== from) return;
  event.preventDefault();
  to?.focus();
}

/** @type {(candidate: Element) => candidate is HTMLElement} */
function isReachable(candidate) {
  return (
    candidate instanceof HTMLElement &&
    candidate.tabIndex >= 0 &&
    candidate.checkVisibility() &&
    !candidate.matches(":disabled")
  );
}
