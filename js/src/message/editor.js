/** The editor of a message that was sent. */

import { NameCheck } from "../composer/name_check.js";
import { on } from "../dom/delegation.js";
import { button, element, showText } from "../dom/elements.js";
import { isTooLong } from "../protocol/messages.js";

/** @import { AskNames } from "../composer/name_check.js" */
/** @import { Strings } from "../i18n/strings.js" */

/** The greatest height in rows, for browsers that do not fit a field to its text. */
const MAX_ROWS = 12;

/**
 * Create an editor with a text.
 *
 * @param {string} text
 * @param {object} options
 * @param {Strings} options.strings
 * @param {AskNames} options.askNames
 * @param {(text: string) => void} options.onSend
 * @param {() => void} options.onCancel
 */
export function createEditor(text, { strings, askNames, onSend, onCancel }) {
  const field = element("textarea", { class: "chatwidget-writing", dir: "auto" });
  field.setAttribute("aria-label", strings.editing);
  const problem = element("div", { class: "chatwidget-error", role: "alert" });
  const send = button("save", strings.send, "primary");
  const cancel = button("cancel", strings.cancel);
  const buttons = element("div", { class: "chatwidget-editor-buttons" }, cancel, send);
  const editor = element("div", { class: "chatwidget-editor" }, field, problem, buttons);

  const changed = () => {
    const tooLong = isTooLong(field.value);
    send.disabled = tooLong || field.value.trim() === "";
    field.rows = Math.min(MAX_ROWS, field.value.split("\n", MAX_ROWS).length);
    showText(problem, tooLong ? strings.tooLong : "");
  };
  const submit = () => {
    if (send.disabled) return;
    names.begin(field.value);
    if (names.isPending) return;
    const wrong = names.takeProblem();
    showText(problem, wrong);
    if (!wrong) onSend(field.value);
  };
  const names = new NameCheck({ ask: askNames, onEnd: submit });

  on(send, { click: submit });
  on(cancel, { click: onCancel });
  on(field, {
    input() {
      names.forget();
      changed();
    },
    keydown(event) {
      // An input method uses these keys itself; Safari marks them with code 229.
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape") {
        event.preventDefault();
        onCancel();
      }
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      submit();
    },
  });
  field.value = text;
  changed();

  return {
    element: editor,
    /** The edited text, or an empty text if nothing was changed. */
    get text() {
      return field.value === text ? "" : field.value;
    },
    focus() {
      field.focus();
      field.setSelectionRange(field.value.length, field.value.length);
      editor.scrollIntoView({ block: "nearest" });
    },
  };
}
