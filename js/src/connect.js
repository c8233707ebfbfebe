/** The panel that connects the widget to a model. */

import { button, element } from "./dom.js";

/** @import { Command, Connection } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/** @typedef {Extract<Command, { type: "connect" }>} Connect */

/**
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(command: Connect) => void} options.onConnect
 * @param {() => void} options.onCancel
 * @param {AbortSignal} options.signal
 */
export function createConnect({ strings, onConnect, onCancel, signal }) {
  const url = field(strings.baseUrl, strings.baseUrlHint, { type: "text", inputmode: "url" });
  const model = field(strings.model, strings.modelHint, { type: "text" });
  const key = field(strings.key, "", { type: "password" });
  const save = button("connect-save", strings.connect, "primary");
  save.type = "submit";
  const demo = button("connect-demo", strings.useDemo);
  const cancel = button("connect-cancel", strings.cancel);
  const form = element("form", { class: "chatwidget-connect", "aria-label": strings.connectTitle });
  form.noValidate = true;
  form.append(
    element("h3", { class: "chatwidget-connect-title" }, strings.connectTitle),
    element("p", { class: "chatwidget-connect-help" }, strings.connectHelp),
    element("div", { class: "chatwidget-fields" }, url.label, model.label, key.label),
    element("div", { class: "chatwidget-actions" }, save, demo, cancel),
    element("p", { class: "chatwidget-connect-help" }, strings.demoExplained),
  );

  const connect = (/** @type {Event} */ event) => {
    event.preventDefault();
    const [base_url, name, secret] = [url, model, key].map(({ input }) => input.value.trim());
    // Sent once, and kept nowhere on the page.
    key.input.value = "";
    onConnect({ type: "connect", base_url: base_url ?? "", model: name ?? "", key: secret ?? "" });
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !event.isComposing && !cancel.hidden) onCancel();
  };

  form.addEventListener("submit", connect, { signal });
  form.addEventListener("keydown", pressed, { signal });
  demo.addEventListener("click", () => onConnect({ type: "connect", demo: true }), { signal });
  cancel.addEventListener("click", onCancel, { signal });

  return {
    element: form,
    focus: () => url.input.focus(),

    /** @param {{ open: boolean, canCancel: boolean, connection: Connection }} state */
    update({ open, canCancel, connection }) {
      if (open && form.hidden) {
        url.input.value = connection.base_url ?? "";
        model.input.value = connection.kind === "server" ? (connection.model ?? "") : "";
      }
      if (!open) key.input.value = "";
      form.hidden = !open;
      cancel.hidden = !canCancel;
    },
  };
}

/**
 * @param {string} name
 * @param {string} hint
 * @param {Record<string, string>} attributes
 */
function field(name, hint, attributes) {
  const input = element("input", { ...attributes, autocomplete: "off", spellcheck: "false", dir: "auto" });
  input.placeholder = hint;
  input.setAttribute("aria-label", name);
  const label = element("label", { class: "chatwidget-field" }, element("span", {}, name), input);
  return { input, label };
}
