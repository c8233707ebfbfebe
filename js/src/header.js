/** The line on top: which model answers, and the way to another one. */

import { button, element, showText } from "./dom.js";

/** @import { Connection } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/**
 * @param {object} options
 * @param {Strings} options.strings
 * @param {() => void} options.onChange
 * @param {AbortSignal} options.signal
 */
export function createHeader({ strings, onChange, signal }) {
  const model = element("span", { class: "chatwidget-model" });
  const badge = element("span", { class: "chatwidget-badge", title: strings.demoExplained }, strings.demo);
  const change = button("change", strings.change);
  change.addEventListener("click", onChange, { signal });

  return {
    element: element("div", { class: "chatwidget-header" }, model, badge, change),
    /**
     * @param {Connection} connection
     * @param {boolean} panelOpen
     */
    update({ kind, model: name, base_url, key }, panelOpen) {
      const isDemo = kind === "demo";
      // The badge says it all; a model's name beside it would only look like one.
      showText(model, kind === "none" ? strings.noModel : isDemo ? "" : (name ?? ""));
      model.title = [base_url, key].filter(Boolean).join(" · ");
      badge.hidden = !isDemo;
      change.hidden = panelOpen || !(isDemo || kind === "server");
    },
  };
}
