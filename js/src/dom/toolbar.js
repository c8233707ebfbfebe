/** A row of buttons that is one stop for the Tab key; arrow keys move between its buttons. */

import { on } from "./delegation.js";
import { element } from "./elements.js";

/**
 * Create a toolbar.
 *
 * @param {string} label
 * @param {HTMLButtonElement[]} buttons
 */
export function createToolbar(label, buttons) {
  const bar = element(
    "div",
    { class: "chatwidget-toolbar", role: "toolbar", "aria-label": label },
    ...buttons,
  );
  /** @type {HTMLButtonElement | undefined} */
  let chosen;

  const usable = () => buttons.filter((button) => !button.hidden);
  const settle = () => {
    const there = usable();
    const current = there.find((button) => button === chosen) ?? there[0];
    for (const button of buttons) button.tabIndex = button === current ? 0 : -1;
  };

  on(bar, {
    keydown(event) {
      const there = usable();
      const at = there.findIndex((button) => button.matches(":focus"));
      const next = neighbour(event.key, at, there.length);
      if (at < 0 || next < 0) return;
      event.preventDefault();
      chosen = there[next];
      settle();
      chosen?.focus();
    },
  });

  return { element: bar, settle };
}

/**
 * @param {string} key
 * @param {number} at
 * @param {number} count
 */
function neighbour(key, at, count) {
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "ArrowLeft") return (at + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : -1;
}
