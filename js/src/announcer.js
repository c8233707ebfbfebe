/** Tells those who listen to the page that a reply has ended, once, instead of each piece of it. */

import { plainText } from "./content.js";
import { element } from "./dom.js";

/** @import { ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/** @param {Strings} strings */
export function createAnnouncer(strings) {
  const region = element("div", { class: "chatwidget-sr-only", role: "status", "aria-live": "polite" });
  /** @type {Set<string>} */
  const running = new Set();

  return {
    element: region,
    /** @param {Iterable<ViewMessage>} changed */
    hear(changed) {
      for (const message of changed) {
        const runs = message.status === "waiting" || message.status === "streaming";
        if (runs) running.add(message.id);
        else if (running.delete(message.id)) region.textContent = spoken(message, strings);
      }
    },
  };
}

/**
 * @param {ViewMessage} message
 * @param {Strings} strings
 */
function spoken({ content, refusal, status, error }, strings) {
  const ending = status === "stopped" || status === "interrupted" ? strings[status] : "";
  const said = plainText(content, strings) || refusal;
  return [said && strings.replied(said), ending, error].filter(Boolean).join(" ");
}
