/** The composer: writes and sends a message, and stops the answer. */

import { button, element, showText } from "../dom/elements.js";
import { showIcon } from "../dom/icons.js";
import { createAttachments } from "./attachments.js";
import { createCompletion } from "./completion.js";
import { createContextPreview } from "./context_preview.js";
import { pastedFiles } from "./data_transfer.js";
import { NameCheck } from "./name_check.js";
import { SendWhenReady } from "./send_when_ready.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { NotebookQueries } from "../kernel/notebook_queries.js" */
/** @import { Attachment } from "../protocol/messages.js" */
/** @import { Attached } from "./attachment_chips.js" */

/** @import { AskNames } from "./name_check.js" */
/** @import { Readiness } from "./send_when_ready.js" */

/** @typedef {{ text: string, attached: readonly Attached[] }} Draft */

/**
 * @typedef {object} State
 * @property {boolean} busy
 * @property {boolean} held true if questions wait because the user stopped the answer before them
 * @property {readonly string[]} context labels of the context that each question includes
 */

/** Text beyond this length does not make the input higher. */
const MEASURED = 4000;
/** Browsers take seconds to lay out a megabyte for editing, so a text this long becomes an attachment. */
const LONG = 8000;

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * Create the composer.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {Draft} options.draft
 * @param {(text: string, attachments: Attachment[]) => void} options.onSubmit
 * @param {() => void} options.onStop
 * @param {() => void} options.onEditLast
 * @param {NotebookQueries} options.queries
 * @param {AskNames} options.askNames
 * @param {AbortSignal} options.signal
 */
export function createComposer({ strings, draft, onSubmit, onStop, onEditLast, queries, askNames, signal }) {
  const input = element("textarea", { class: "chatwidget-input", rows: "1" });
  input.setAttribute("aria-label", strings.input);
  // The stylesheet repeats the draft behind the input, which then grows without being measured.
  const grow = element("div", { class: "chatwidget-grow" }, input);
  const picker = element("input", { type: "file", multiple: "", hidden: "" });
  const attach = button("attach", "");
  const send = button("send", "", "primary");
  const stop = button("stop", "", "primary");
  const problem = element("div", { class: "chatwidget-error chatwidget-problem", role: "alert" });
  const attachments = createAttachments({
    strings,
    onChange: () => {
      sending.retry();
      changed();
    },
    onUnfold: (text) => append(text),
    onEmptied: () => input.focus(),
    signal,
  });
  const completion = createCompletion(input, { strings, load: queries.names, signal });
  const contextPreview = createContextPreview({ strings, preview: queries.preview, signal });
  const actions = element("div", { class: "chatwidget-composer-actions" }, stop, send);
  const bar = element(
    "div",
    { class: "chatwidget-composer" },
    attachments.list,
    contextPreview.element,
    attach,
    picker,
    grow,
    actions,
    ...completion.elements,
  );
  let busy = false;
  let held = false;
  let gone = false;
  /** @type {readonly string[]} */
  let context = [];

  const sending = new SendWhenReady({
    strings,
    text: () => input.value,
    attachments,
    names: new NameCheck({
      ask: (text) => askNames(text, context.length > 0),
      onEnd() {
        sending.retry();
        changed();
      },
    }),
    send: (text, files) => {
      input.value = "";
      attachments.clear();
      onSubmit(text, files);
    },
  });

  const changed = () => {
    const start = input.value.slice(0, MEASURED);
    grow.dataset.draft = start;
    input.dir = directionOf(start);
    send.disabled = !sending.isOffered;
    // During an answer the next question can be sent; it is queued.
    send.hidden = busy && sending.isEmpty;
    showText(problem, sending.explanation);
    contextPreview.update(input.value, gone ? [] : context);
  };

  const write = (/** @type {string} */ text) => {
    input.value = text;
    changed();
  };

  const append = (/** @type {string} */ text) => {
    write([input.value, text].filter(Boolean).join("\n"));
    input.focus();
  };

  const submit = () => {
    sending.submit();
    changed();
  };

  const keepingFocus = (/** @type {() => void} */ act) => () => {
    act();
    input.focus();
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    // An input method uses these keys itself; Safari marks them with code 229.
    if (event.isComposing || event.keyCode === 229 || completion.takes(event)) return;
    if (event.key === "Escape" && (busy || held)) {
      event.preventDefault();
      onStop();
    }
    if (event.key === "ArrowUp" && input.value === "") {
      event.preventDefault();
      onEditLast();
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  };

  const pasted = (/** @type {ClipboardEvent} */ event) => {
    const transferred = pastedFiles(event.clipboardData);
    if (transferred.files.length + transferred.folders.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    attachments.add(transferred);
  };

  const inserting = (/** @type {InputEvent} */ event) => {
    const { data, inputType } = event;
    if (!data || data.length < LONG || !["insertFromPaste", "insertFromDrop"].includes(inputType)) return;
    event.preventDefault();
    attachments.addText(data);
  };

  /** Put a message before the text written since. @param {Draft} message */
  const put = ({ text, attached }) => {
    attachments.put(attached);
    if (text.length < LONG) write([text, input.value].filter(Boolean).join("\n"));
    else attachments.addText(text);
  };

  const picked = () => {
    attachments.add({ files: [...(picker.files ?? [])], folders: [] });
    // Otherwise choosing the same file again is no change.
    picker.value = "";
    input.focus();
  };

  showIcon(attach, "attach", strings.attach);
  showIcon(send, "send", strings.send);
  showIcon(stop, "stop", strings.stop);
  input.addEventListener(
    "input",
    () => {
      sending.dismiss();
      changed();
    },
    { signal },
  );
  input.addEventListener("beforeinput", inserting, { signal });
  input.addEventListener("keydown", pressed, { signal });
  bar.addEventListener("paste", pasted, { signal });
  attach.addEventListener("click", () => picker.click(), { signal });
  picker.addEventListener("change", picked, { signal });
  send.addEventListener("click", keepingFocus(submit), { signal });
  stop.addEventListener("click", keepingFocus(onStop), { signal });
  attachments.put(draft.attached);
  write(draft.text);

  return {
    elements: [problem, bar],
    /** @returns {Draft} */
    get draft() {
      return { text: input.value, attached: attachments.attached };
    },
    focus: () => input.focus(),
    attach: attachments.add,
    put,

    /**
     * Put a message back, before the text written since.
     *
     * @param {Draft} draft
     * @param {string} [why] shown if the user did not ask for it
     */
    putBack(draft, why = "") {
      sending.notify(why);
      put(draft);
      input.focus();
    },

    /** @param {Readiness & State} state */
    update(state) {
      const refocus = bar.contains(document.activeElement);
      ({ busy, held, gone, context } = state);
      // Read-only rather than disabled: the text can still be selected and copied.
      input.readOnly = attach.disabled = gone;
      stop.hidden = !busy;
      if (gone) input.placeholder = strings.placeholderGone;
      else input.placeholder = state.connected ? strings.placeholder : strings.placeholderDisconnected;
      sending.update(state);
      changed();
      if (refocus && !document.activeElement?.checkVisibility()) input.focus();
    },
  };
}

/**
 * Return the direction that `dir="auto"` would choose, which takes seconds in a long text.
 *
 * @param {string} text
 */
function directionOf(text) {
  const first = /\p{L}/u.exec(text)?.[0] ?? "";
  return RIGHT_TO_LEFT.test(first) ? "rtl" : "ltr";
}
