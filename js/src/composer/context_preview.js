/** Previews the notebook context of the question that is being written. */

import { element, setHidden } from "../dom/elements.js";
import { boxInvisible, escapeInvisible } from "../dom/invisible.js";
import { startTimer } from "../dom/timer.js";
import { mayMention } from "./mentions.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { NotebookQueries } from "../kernel/notebook_queries.js" */
/** @import { Name } from "../protocol/messages.js" */

/** Milliseconds after a key press until the preview is requested. */
const PAUSE = 300;

/**
 * Create the preview.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {NotebookQueries["preview"]} options.preview
 * @param {AbortSignal} options.signal
 */
export function createContextPreview({ strings, preview, signal }) {
  const summary = element("summary", { dir: "auto" });
  const content = element("pre", { dir: "auto", tabindex: "0" }, strings.reading);
  const details = element("details", { class: "chatwidget-folded chatwidget-along" }, summary, content);
  let text = "";
  /** @type {readonly string[]} */
  let context = [];
  /** @type {readonly Name[]} */
  let names = [];
  let asked = "";
  let waits = false;

  const show = () => {
    const named = names
      .filter(({ name }) => text.includes(name))
      .map(({ name, kind }) => `@${name} (${kind})`);
    const labels = context.map((label) => (label === "cells" ? strings.cells : label));
    const all = [...named, ...labels];
    setHidden(details, all.length === 0);
    if (details.hidden) details.open = false;
    summary.textContent = escapeInvisible(strings.alongside(all.join(", ")));
  };

  const ask = async () => {
    waits = false;
    const wanted = JSON.stringify([text, details.open, context]);
    if (asked === wanted || !(mayMention(text) || details.open)) return;
    asked = wanted;
    const whole = details.open;
    const answer = await preview(text, whole);
    if (asked !== wanted) return;
    names = answer.names;
    if (whole) content.replaceChildren(...boxInvisible(answer.text));
    show();
  };

  const later = () => {
    if (waits) return;
    waits = true;
    startTimer(PAUSE, () => void ask(), signal);
  };

  const toggled = () => {
    if (!details.open) return;
    // The content may be outdated.
    asked = "";
    content.textContent = strings.reading;
    void ask();
  };
  details.addEventListener("toggle", toggled, { signal });
  show();

  return {
    element: details,

    /**
     * @param {string} written
     * @param {readonly string[]} labels of the context that each question includes
     */
    update(written, labels) {
      if (written === text && labels === context) return;
      text = written;
      context = labels;
      show();
      if (mayMention(text) || details.open) later();
    },
  };
}
