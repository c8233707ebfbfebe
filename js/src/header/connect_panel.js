/** The panel that connects the widget to a model. */

import { button, element, showText } from "../dom/elements.js";
import { escapeInvisible } from "../dom/invisible.js";
import { isUnencrypted, PRESETS } from "./server_presets.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Connect, Connection, Server, Servers } from "../protocol/messages.js" */

/**
 * The field that a notice about connecting belongs to, or the whole form. Other notices are not about connecting.
 *
 * @type {Readonly<Record<string, "url" | "key" | "form">>}
 */
const FIELDS = {
  wrong_key: "key",
  no_key: "key",
  forbidden: "form",
  offline: "form",
  wrong_url: "url",
  no_host: "url",
  refused: "url",
  no_answer: "url",
  cors: "url",
  preflight: "url",
  mixed_content: "url",
  local_network: "url",
  untrusted: "url",
  certificate: "url",
  no_tls: "url",
  proxy: "url",
  dropped: "url",
  unreached: "url",
};

/**
 * Return true if a notice is about a failed connection.
 *
 * @param {string | null} code
 */
export const isAboutConnecting = (code) => code !== null && Object.hasOwn(FIELDS, code);

/**
 * @typedef {object} State
 * @property {boolean} open
 * @property {boolean} connecting
 * @property {boolean} canCancel
 * @property {Connection} connection
 * @property {Servers | null} servers
 * @property {{ code: string | null, text: string }} notice
 */

/**
 * Create the panel.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(command: Connect) => void} options.onConnect
 * @param {() => void} options.onSearch search for servers on this computer
 * @param {() => void} options.onCancel
 * @param {AbortSignal} options.signal
 */
export function createConnectPanel({ strings, onConnect, onSearch, onCancel, signal }) {
  const url = field(strings.baseUrl, strings.baseUrlHint, { type: "text", inputmode: "url" });
  const model = field(strings.model, strings.modelHint, { type: "text" });
  // Browsers ignore "off" but respect "new-password": they fill in no password and offer to save none.
  const key = field(strings.key, "", { type: "password", autocomplete: "new-password" });
  const save = button("connect-save", strings.connect, "primary");
  save.type = "submit";
  const demo = button("connect-demo", strings.useDemo);
  const cancel = button("connect-cancel", strings.cancel);
  const presets = createPresets(strings, (preset) => {
    url.input.value = preset.base_url;
    changed();
    (preset.needsKey ? key : model).input.focus();
  });
  const keysLink = element("a", {
    class: "chatwidget-keys-link",
    target: "_blank",
    rel: "noopener noreferrer nofollow",
  });
  const foundServers = createFoundServers(strings, onConnect);
  const general = element("p", { class: "chatwidget-error", role: "alert" });
  const form = element("form", { class: "chatwidget-connect", "aria-label": strings.connectTitle });
  form.noValidate = true;
  form.hidden = true;
  key.element.append(keysLink);
  form.append(
    element("h3", { class: "chatwidget-connect-title" }, strings.connectTitle),
    element("p", { class: "chatwidget-connect-help" }, strings.connectHelp),
    foundServers.element,
    presets.element,
    element("div", { class: "chatwidget-fields" }, url.element, model.element, key.element),
    general,
    element("div", { class: "chatwidget-actions" }, save, demo, cancel),
    element("p", { class: "chatwidget-connect-help" }, strings.demoExplained),
  );

  const changed = () => {
    const address = url.input.value.trim();
    const preset = presets.show(address);
    key.input.placeholder = preset && !preset.needsKey ? strings.keyNotNeeded : "";
    // OpenAI is the service of an empty address.
    const service = address ? preset : PRESETS[0];
    showText(keysLink, service?.keys ? strings.createKey(service.name) : "");
    if (service?.keys) keysLink.href = service.keys;
    showText(key.warning, key.input.value && isUnencrypted(address) ? strings.keyOpenToAll : "");
  };

  const connect = (/** @type {Event} */ event) => {
    event.preventDefault();
    const [base_url, name, secret] = [url, model, key].map(({ input }) => input.value.trim());
    onConnect({ type: "connect", base_url: base_url ?? "", model: name ?? "", key: secret ?? "" });
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !event.isComposing && !cancel.hidden) onCancel();
  };

  const clicked = (/** @type {Event} */ { target }) => {
    presets.clicked(target);
    foundServers.clicked(target);
  };

  const start = (/** @type {Connection} */ connection) => {
    url.input.value = connection.base_url ?? "";
    model.input.value = connection.kind === "server" ? (connection.model ?? "") : "";
    changed();
    onSearch();
  };
  const showNotice = (/** @type {State["notice"]} */ { code, text }) => {
    const about = FIELDS[code ?? ""] ?? "form";
    showText(url.problem, about === "url" ? text : "");
    showText(key.problem, about === "key" ? text : "");
    showText(general, about === "form" ? text : "");
  };

  form.addEventListener("submit", connect, { signal });
  form.addEventListener("keydown", pressed, { signal });
  form.addEventListener("input", changed, { signal });
  form.addEventListener("click", clicked, { signal });
  demo.addEventListener("click", () => onConnect({ type: "connect", demo: true }), { signal });
  cancel.addEventListener("click", onCancel, { signal });

  return {
    element: form,
    focus: () => url.input.focus(),

    /** @param {State} state */
    update({ open, connecting, canCancel, connection, servers, notice }) {
      if (open && form.hidden) start(connection);
      // The key stays until it has worked, so that it need not be typed again for a wrong address.
      if (!open) key.input.value = "";
      form.hidden = !open;
      cancel.hidden = !canCancel;
      showText(save, connecting ? strings.connecting : strings.connect);
      foundServers.update(servers);
      showNotice(notice);
    },
  };
}

/**
 * Create a button for each known service.
 *
 * @param {Strings} strings
 * @param {(preset: import("./server_presets.js").Preset) => void} onPick
 */
function createPresets(strings, onPick) {
  const buttons = PRESETS.map(({ name }) => button("preset", name));
  const group = element("div", { class: "chatwidget-presets", role: "group" }, ...buttons);
  group.setAttribute("aria-label", strings.presets);

  return {
    element: group,
    /** @param {EventTarget | null} target */
    clicked(target) {
      const preset = PRESETS[indexOfTarget(buttons, target)];
      if (preset) onPick(preset);
    },
    /** @param {string} address */
    show(address) {
      const shown = PRESETS.findIndex(({ base_url }) => base_url === address.replace(/\/+$/, ""));
      for (const [index, presetButton] of buttons.entries())
        presetButton.setAttribute("aria-pressed", String(index === shown));
      return PRESETS[shown];
    },
  };
}

/**
 * Create a button for each server found on this computer.
 *
 * @param {Strings} strings
 * @param {(command: Connect) => void} onConnect
 */
function createFoundServers(strings, onConnect) {
  const list = element("div", { class: "chatwidget-found", role: "group" });
  list.setAttribute("aria-label", strings.foundServers);
  /** @type {readonly Server[]} */
  let servers = [];
  /** @type {HTMLButtonElement[]} */
  let buttons = [];

  return {
    element: list,
    /** @param {EventTarget | null} target */
    clicked(target) {
      const server = servers[indexOfTarget(buttons, target)];
      if (!server) return;
      onConnect({ type: "connect", base_url: server.base_url, model: server.models[0] ?? "", key: "" });
    },
    /** @param {Servers | null} state */
    update(state) {
      const newServers = state?.found ?? [];
      list.hidden = newServers.length === 0;
      if (JSON.stringify(newServers) === JSON.stringify(servers)) return;
      servers = newServers;
      buttons = servers.map(({ name, models }) =>
        button(
          "found-server",
          strings.useServer(escapeInvisible(name), models.slice(0, 1).map(escapeInvisible).join("")),
        ),
      );
      list.replaceChildren(...buttons);
    },
  };
}

/**
 * @param {readonly Element[]} elements
 * @param {EventTarget | null} target
 */
const indexOfTarget = (elements, target) => elements.findIndex((candidate) => Object.is(candidate, target));

/**
 * Create a labelled input, with room for an error and a warning.
 *
 * @param {string} name
 * @param {string} hint
 * @param {Record<string, string>} attributes
 */
function field(name, hint, attributes) {
  const input = element("input", { autocomplete: "off", spellcheck: "false", dir: "auto", ...attributes });
  const problem = element("span", { class: "chatwidget-error", role: "alert" });
  const warning = element("span", { class: "chatwidget-warning", role: "status" });
  input.placeholder = hint;
  const label = element("label", { class: "chatwidget-field" }, element("span", {}, name), input);
  return {
    input,
    problem,
    warning,
    element: element("div", { class: "chatwidget-field" }, label, problem, warning),
  };
}
