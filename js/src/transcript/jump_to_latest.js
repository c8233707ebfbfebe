/** The button that returns to the end after scrolling up. */

import { button, element, setHidden } from "../dom/elements.js";

/** @import { Strings } from "../i18n/strings.js" */

/**
 * Create the button; it is hidden at the end.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {() => void} options.onClick
 * @param {AbortSignal} options.signal
 */
export function createJumpToLatest({ strings, onClick, signal }) {
  const arrow = element("span", { "aria-hidden": "true" }, "↓");
  const text = element("span", { class: "chatwidget-latest-text" });
  const latest = button("latest", "");
  latest.append(arrow, text);
  latest.addEventListener("click", onClick, { signal });
  latest.hidden = true;
  let news = false;

  return {
    element: latest,
    /** Note that new text has arrived. */
    notify() {
      news = true;
    },
    /** @param {boolean} atEnd */
    update(atEnd) {
      news &&= !atEnd;
      const label = news ? strings.latestNew : strings.latest;
      if (text.textContent !== label) text.textContent = label;
      latest.classList.toggle("chatwidget-news", news);
      setHidden(latest, atEnd);
    },
  };
}
