/** Where a message is written, sent and stopped. */

import { button, element, showText } from "./dom.js";
import { isTooLong } from "./protocol.js";

/** @import { Strings } from "./strings.js" */

/** More text than this does not make the input any higher. */
const MEASURED = 4000;

/**
 * @param {object} options
 * @param {Strings} options.strings
 * @param {string} options.draft
 * @param {(text: string) => void} options.onSubmit
 * @param {() => void} options.onStop
 * @param {AbortSignal} options.signal
 */
export function createComposer({ strings, draft, onSubmit, onStop, signal }) {
  const input = element("textarea", { class: "chatwidget-input", rows: "1", dir: "auto" });
  input.setAttribute("aria-label", strings.input);
  // The stylesheet shows the draft behind the input, which so grows without being measured.
  const grow = element("div", { class: "chatwidget-grow" }, input);
  const send = button("send", strings.send, "primary");
  const stop = button("stop", strings.stop, "primary");
  const problem = element("div", { class: "chatwidget-error chatwidget-problem", role: "alert" });
  const bar = element("div", { class: "chatwidget-composer" }, grow, send, stop);
  let busy = false;
  let connected = false;

  const changed = () => {
    grow.dataset.draft = input.value.slice(0, MEASURED);
    send.disabled = !connected || input.value.trim() === "";
    showText(problem, isTooLong(input.value) ? strings.tooLong : "");
  };

  const write = (/** @type {string} */ text) => {
    input.value = text;
    changed();
  };

  const submit = () => {
    if (!connected || input.value.trim() === "" || isTooLong(input.value)) return;
    onSubmit(input.value);
    write("");
    input.focus();
  };

  const stopAndStay = () => {
    onStop();
    input.focus();
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    // An input method uses these keys itself; 229 is how Safari says that it does.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape" && busy) onStop();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  };

  input.addEventListener("input", changed, { signal });
  input.addEventListener("keydown", pressed, { signal });
  send.addEventListener("click", submit, { signal });
  stop.addEventListener("click", stopAndStay, { signal });
  write(draft);

  return {
    elements: [problem, bar],
    get draft() {
      return input.value;
    },
    focus: () => input.focus(),

    /** Put text back, in front of what has been written since. @param {string} text */
    putBack(text) {
      write(input.value ? `${text}\n${input.value}` : text);
      input.focus();
    },

    /** @param {{ busy: boolean, connected: boolean }} state */
    update(state) {
      ({ busy, connected } = state);
      const refocus = (busy ? send : stop).matches(":focus");
      send.hidden = busy;
      stop.hidden = !busy;
      if (refocus) input.focus();
      input.placeholder = connected ? strings.placeholder : strings.placeholderDisconnected;
      changed();
    },
  };
}
