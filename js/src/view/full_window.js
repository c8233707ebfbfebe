/**
 * Shows the view over the whole window. It enters the browser's top layer without moving in the page: hosts put cells
 * into boxes that no `position: fixed` can leave, and an element that moves loses its scroll positions.
 */

import { button, element } from "../dom/elements.js";
import { showIcon } from "../dom/icons.js";

/** @import { Strings } from "../i18n/strings.js" */

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']";

/** Attributes that make screen readers skip the rest of the page. */
const MODAL = { role: "dialog", "aria-modal": "true", popover: "manual" };

/**
 * Create the button that shows the view over the whole window.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {Strings} options.strings
 * @param {AbortSignal} options.signal
 * @returns {HTMLButtonElement} the button that turns it on and off
 */
export function createFullWindow(root, { strings, signal }) {
  const toggle = button("full", "");
  // A placeholder keeps the page below from moving, so a notebook that unmounts cells out of sight sees no change.
  const placeholder = element("div", { class: "chatwidget-stand" });
  const isFull = () => root.matches(":popover-open");

  const label = () => {
    showIcon(toggle, isFull() ? "shrink" : "expand", isFull() ? strings.leaveFullWindow : strings.fullWindow);
  };

  const open = () => {
    placeholder.style.height = `${root.offsetHeight}px`;
    root.after(placeholder);
    for (const [name, value] of Object.entries(MODAL)) root.setAttribute(name, value);
    root.setAttribute("aria-label", strings.conversation);
    root.showPopover();
    // Observe anew: a view that leaves before its size was measured would look unchanged.
    resized.unobserve(root);
    resized.observe(root);
  };

  const close = () => {
    for (const name of [...Object.keys(MODAL), "aria-label"]) root.removeAttribute(name);
    placeholder.remove();
  };

  const toggleFullWindow = () => {
    const focused = document.activeElement;
    if (isFull()) close();
    else open();
    label();
    if (focused instanceof HTMLElement && root.contains(focused)) focused.focus();
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (!isFull() || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") toggleFullWindow();
    if (event.key === "Tab") keepWithin(root, event);
  };

  // An element that leaves the page leaves the top layer too, and no event reports that.
  const resized = new ResizeObserver(() => {
    if (!placeholder.parentNode || isFull()) return;
    close();
    label();
  });

  label();
  resized.observe(root);
  toggle.addEventListener("click", toggleFullWindow, { signal });
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
 * Keep the Tab key inside the view: the covered page must not get the focus.
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
