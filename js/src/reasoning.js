/** What a model thought before it answered, folded. */

import { element, growingText } from "./dom.js";

/** @import { ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/** @param {Strings} strings */
export function createReasoning(strings) {
  const text = element("div", { class: "chatwidget-reasoning-text", dir: "auto" });
  const details = element("details", { class: "chatwidget-folded chatwidget-reasoning" });
  details.append(element("summary", {}, strings.reasoning), text);
  const show = growingText(text);
  return {
    element: details,
    /** @param {ViewMessage} message */
    update({ reasoning }) {
      show(reasoning);
      details.hidden = reasoning === "";
    },
  };
}
