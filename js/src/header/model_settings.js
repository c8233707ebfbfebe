/** Answer settings: system prompt, temperature, length. */

import { button, element, showText } from "../dom/elements.js";
import { iconButton } from "../dom/icons.js";
import { createPopup } from "../dom/popup.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Setup } from "../protocol/messages.js" */

/** @type {Setup} */
const NOTHING = { system_prompt: "", temperature: null, max_tokens: null };

/**
 * Create the form and the button that opens it.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(values: Setup) => void} options.onApply
 * @param {AbortSignal} options.signal
 */
export function createModelSettings({ strings, onApply, signal }) {
  const { setup: words } = strings;
  const anchor = iconButton("setup-button", "sliders", words.label);
  const prompt = element("textarea", { class: "chatwidget-setup-prompt", rows: "4", dir: "auto" });
  const temperature = element("input", {
    type: "number",
    min: "0",
    max: "2",
    step: "any",
    inputmode: "decimal",
  });
  const maxTokens = element("input", { type: "number", min: "1", step: "1", inputmode: "numeric" });
  const problem = element("p", { class: "chatwidget-error", role: "alert" });
  const apply = button("setup-apply", words.apply, "primary");
  const form = element("form", { class: "chatwidget-setup-form" });
  let setup = NOTHING;

  const fill = () => {
    prompt.value = setup.system_prompt;
    temperature.value = String(setup.temperature ?? "");
    maxTokens.value = String(setup.max_tokens ?? "");
    showText(problem, "");
  };
  const popup = createPopup(anchor, {
    name: "setup",
    role: "dialog",
    label: words.label,
    fill,
    first: () => prompt,
    signal,
  });

  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const wrong = [temperature, maxTokens].find((input) => !input.validity.valid);
    showText(problem, !wrong ? "" : wrong === temperature ? words.badTemperature : words.badMaxTokens);
    if (wrong) return wrong.focus();
    onApply({
      system_prompt: prompt.value,
      temperature: numberIn(temperature),
      max_tokens: numberIn(maxTokens),
    });
    popup.close();
  };

  apply.type = "submit";
  form.noValidate = true;
  for (const input of [temperature, maxTokens]) input.placeholder = words.usual;
  prompt.placeholder = words.promptHint;
  form.append(
    field(words.prompt, prompt),
    element(
      "div",
      { class: "chatwidget-fields" },
      field(words.temperature, temperature),
      field(words.maxTokens, maxTokens),
    ),
    problem,
    element("div", { class: "chatwidget-actions" }, apply),
  );
  form.addEventListener("submit", submit, { signal });
  popup.element.append(form);

  return {
    elements: [anchor, popup.element],
    /** @param {Setup} values */
    update(values) {
      setup = values;
      const isUsual = !values.system_prompt && values.temperature === null && values.max_tokens === null;
      anchor.classList.toggle("chatwidget-set", !isUsual);
    },
  };
}

/** @param {HTMLInputElement} input */
const numberIn = (input) => (input.value === "" ? null : input.valueAsNumber);

/**
 * @param {string} name
 * @param {HTMLElement} input
 */
const field = (name, input) =>
  element("label", { class: "chatwidget-field" }, element("span", {}, name), input);
