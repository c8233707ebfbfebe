/** The header: the model, its settings, and the actions on the conversation. */

import { button, element, showText } from "../dom/elements.js";
import { escapeInvisible } from "../dom/invisible.js";
import { createMenu } from "./menu.js";
import { createModelPicker } from "./model_picker.js";
import { createModelSettings } from "./model_settings.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Actions } from "../kernel/actions.js" */
/** @import { State } from "../protocol/messages.js" */

/**
 * Create the header.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {Actions} options.actions
 * @param {() => void} options.onOther the user wants another server
 * @param {() => void} options.onFind the user wants to find a text
 * @param {AbortSignal} options.signal
 */
export function createHeader({ strings, actions, onOther, onFind, signal }) {
  const name = element("span", { class: "chatwidget-model", dir: "auto" });
  const badge = element("span", { class: "chatwidget-badge", title: strings.demoExplained }, strings.demo);
  const change = button("change", strings.change);
  const models = createModelPicker({
    strings,
    onAsk: actions.models,
    onPick: actions.model,
    onOther,
    signal,
  });
  const setup = createModelSettings({ strings, onApply: actions.setup, signal });
  const menu = createMenu({
    strings,
    onChoose(choice) {
      if (choice === "find") onFind();
      else if (choice === "clear") actions.clear();
      else actions.export(choice);
    },
    signal,
  });
  change.addEventListener("click", onOther, { signal });

  return {
    chooseModel: () => models.elements[0]?.click(),
    element: element(
      "div",
      { class: "chatwidget-header" },
      name,
      badge,
      ...models.elements,
      change,
      element("span", { class: "chatwidget-space" }),
      ...setup.elements,
      ...menu.elements,
    ),
    /**
     * @param {State} state
     * @param {object} view
     * @param {boolean} view.panelOpen
     * @param {boolean} view.isEmpty
     * @param {boolean} view.gone true if the kernel is
     */
    update({ connection, models: list, setup: values }, { panelOpen, isEmpty, gone }) {
      const { kind, model, base_url, key } = connection;
      const [anchor] = models.elements;
      // The badge suffices; a model's name beside it would look like a real model.
      const isFixed = kind === "callable" || (kind === "server" && gone);
      showText(name, kind === "none" ? strings.noModel : isFixed ? escapeInvisible(model ?? "") : "");
      badge.hidden = kind !== "demo";
      change.hidden = panelOpen || kind !== "demo";
      models.update(model ?? "", list);
      if (anchor) anchor.hidden = kind !== "server" || gone;
      if (anchor) anchor.title = escapeInvisible([base_url, key].filter(Boolean).join(" · "));
      setup.update(values);
      menu.update(isEmpty);
    },
  };
}
