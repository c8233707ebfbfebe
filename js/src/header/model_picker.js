/** Shows the model in use, and lets the user choose another of the same server. */

import { button, element, showText } from "../dom/elements.js";
import { escapeInvisible } from "../dom/invisible.js";
import { createPopup } from "../dom/popup.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Models } from "../protocol/messages.js" */

/** The longest list of names; typing narrows it. */
const MOST = 200;

let count = 0;

/**
 * Create the picker and the button that opens it.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {() => void} options.onAsk request the list of models
 * @param {(name: string) => void} options.onPick
 * @param {() => void} options.onOther the user wants another server
 * @param {AbortSignal} options.signal
 */
export function createModelPicker({ strings, onAsk, onPick, onOther, signal }) {
  const { models: words } = strings;
  const anchor = button("model-button", "");
  const input = element("input", {
    class: "chatwidget-model-input",
    type: "text",
    role: "combobox",
    dir: "auto",
  });
  const list = element("div", {
    class: "chatwidget-options",
    role: "listbox",
    id: `chatwidget-models-${++count}`,
  });
  const note = element("p", { class: "chatwidget-note", role: "status" });
  const other = button("other-server", words.other);
  /** @type {string[]} */
  let names = [];
  /** The names in the list. @type {string[]} */
  let matches = [];
  let current = "";
  let active = -1;

  const fill = () => {
    input.value = "";
    onAsk();
    show();
  };
  const popup = createPopup(anchor, {
    name: "models",
    role: "dialog",
    label: words.label,
    fill,
    first: () => input,
    signal,
  });

  const pick = (/** @type {string} */ name) => {
    if (name === "") return;
    popup.close();
    onPick(name);
  };

  const show = () => {
    const wanted = input.value.trim().toLowerCase();
    matches = names.filter((name) => name.toLowerCase().includes(wanted)).slice(0, MOST);
    list.replaceChildren(
      ...matches.map((name, index) => option(name, `${list.id}-${index}`, name === current)),
    );
    list.hidden = matches.length === 0;
    input.setAttribute("aria-expanded", String(matches.length > 0));
    activate(-1);
  };

  const activate = (/** @type {number} */ index) => {
    list.children[active]?.classList.remove("chatwidget-active");
    active = index;
    const chosen = list.children[active];
    chosen?.classList.add("chatwidget-active");
    chosen?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", chosen?.id ?? "");
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") activate(Math.min(active + 1, last));
    else if (event.key === "ArrowUp") activate(Math.max(active - 1, -1));
    else if (event.key === "Enter") pick(matches[active] ?? input.value.trim());
    else return;
    event.preventDefault();
  };

  const clicked = (/** @type {Event} */ { target }) => {
    const index = [...list.children].findIndex((item) => target instanceof Node && item.contains(target));
    pick(matches[index] ?? "");
  };

  for (const [name, value] of Object.entries({
    label: words.label,
    controls: list.id,
    autocomplete: "list",
  })) {
    input.setAttribute(`aria-${name}`, value);
  }
  input.placeholder = words.hint;
  input.autocomplete = "off";
  input.spellcheck = false;
  list.setAttribute("aria-label", words.label);
  input.addEventListener("input", show, { signal });
  input.addEventListener("keydown", pressed, { signal });
  list.addEventListener("click", clicked, { signal });
  other.addEventListener("click", () => [popup.close(), onOther()], { signal });
  popup.element.append(input, list, note, other);

  return {
    elements: [anchor, popup.element],
    /**
     * @param {string} name
     * @param {Models | null} models
     */
    update(name, models) {
      current = name;
      showText(anchor, escapeInvisible(name) || words.none);
      anchor.setAttribute("aria-label", words.choose(anchor.textContent ?? ""));
      showText(note, models?.pending ? words.pending : (models?.error ?? ""));
      const fresh = models?.names ?? [];
      if (fresh.length === names.length && fresh.every((freshName, index) => freshName === names[index]))
        return;
      names = fresh;
      show();
    },
  };
}

/**
 * @param {string} name
 * @param {string} id
 * @param {boolean} selected
 */
function option(name, id, selected) {
  const item = element("div", { class: "chatwidget-option", role: "option", id, dir: "auto" });
  item.setAttribute("aria-selected", String(selected));
  item.textContent = escapeInvisible(name);
  return item;
}
