/** Suggested questions for an empty conversation. */

import { delegate, on } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";
import { escapeInvisible } from "../dom/invisible.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Starter } from "../protocol/messages.js" */

/**
 * Create the list of suggested questions.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(text: string) => void} options.onPick
 * @param {AbortSignal} options.signal
 */
export function createStarters({ strings, onPick, signal }) {
  const list = element("ul", { class: "chatwidget-starters", "aria-label": strings.starters });
  /** @type {readonly Starter[]} */
  let listed = [];
  delegate(list, signal);

  const item = (/** @type {Starter} */ { label, text }) => {
    const starter = on(button("starter", escapeInvisible(label)), { click: () => onPick(text) });
    starter.dir = "auto";
    return element("li", {}, starter);
  };

  return {
    element: list,
    /**
     * @param {readonly Starter[]} starters
     * @param {boolean} isStart
     */
    update(starters, isStart) {
      if (starters !== listed) list.replaceChildren(...starters.map(item));
      listed = starters;
      list.hidden = !isStart || starters.length === 0;
    },
  };
}
