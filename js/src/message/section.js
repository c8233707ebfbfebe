/** A foldable section for a text, such as the arguments of a tool call. */

import { growingCode } from "../code/highlighted_text.js";
import { on } from "../dom/delegation.js";
import { element } from "../dom/elements.js";

/** Longer texts are folded at first, in characters and lines. */
const LONG = { characters: 1500, lines: 16 };

/**
 * Create a section; it is hidden as long as its text is empty.
 *
 * @param {string} label
 * @param {object} [options]
 * @param {boolean} [options.isFolded] whether it is folded at first even if it is short
 * @param {boolean} [options.isFindable] whether its text is part of what one can find in the conversation
 */
export function createSection(label, { isFolded = false, isFindable = false } = {}) {
  const code = element("code", isFindable ? { class: "chatwidget-findable" } : {});
  const pre = element("pre", { tabindex: "0", dir: "ltr" }, code);
  pre.setAttribute("aria-label", label);
  pre.setAttribute("role", "group");
  const details = element("details", { class: "chatwidget-section", hidden: "" });
  details.append(element("summary", {}, label), pre);
  details.open = !isFolded;
  let wasFolded = isFolded;
  let shown = "";
  let language = "";
  let show = growingCode(code, language);

  // Folded text is not rendered.
  const showOpen = () => {
    if (details.open) show(shown);
  };
  on(details, { toggle: showOpen });

  return {
    element: details,
    unfold() {
      if (wasFolded) details.open = true;
      wasFolded = true;
      showOpen();
    },
    /**
     * @param {string} text
     * @param {string} [wanted] the language of the text
     */
    update(text, wanted = "") {
      if (text === shown && wanted === language) return;
      if (wanted !== language) show = growingCode(code, wanted);
      [shown, language] = [text, wanted];
      details.hidden = text === "";
      if (!wasFolded && isLong(text)) {
        details.open = false;
        wasFolded = true;
      }
      showOpen();
    },
  };
}

/** @param {string} text */
function isLong(text) {
  return text.length > LONG.characters || text.split("\n", LONG.lines + 1).length > LONG.lines;
}
