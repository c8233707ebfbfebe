/** Messages that are not in the conversation yet: queued, being sent, or lost. */

import { button, element } from "../dom/elements.js";
import { iconButton } from "../dom/icons.js";
import { stripAnsi } from "../text/ansi.js";
import { chip, chipFace } from "./attachment_chips.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { PendingSubmission } from "../kernel/outbox_storage.js" */
/** @import { Attachment, Queued } from "../protocol/messages.js" */

/** How many characters of a text are shown; the conversation shows all. */
const SHOWN = 2000;

/**
 * Create the list of pending messages.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(id: string) => void} options.onResend
 * @param {(id: string) => void} options.onTakeBack
 * @param {(id: string) => void} options.onRelease called for a question that Stop holds back
 * @param {AbortSignal} options.signal
 */
export function createPendingMessages({ strings, onResend, onTakeBack, onRelease, signal }) {
  const list = element("ul", { class: "chatwidget-queue" });
  let shown = "";

  list.addEventListener(
    "click",
    ({ target }) => {
      if (!(target instanceof Element)) return;
      const id = target.closest("li")?.dataset.id ?? "";
      if (target.closest(".chatwidget-resend")) onResend(id);
      if (target.closest(".chatwidget-take-back")) onTakeBack(id);
      if (target.closest(".chatwidget-release")) onRelease(id);
    },
    { signal },
  );

  return {
    element: list,
    /**
     * @param {readonly (Queued & { attachments?: readonly Attachment[] })[]} queue
     * @param {readonly PendingSubmission[]} sending
     */
    update(queue, sending) {
      const key = JSON.stringify([
        queue.map(({ id, held }) => [id, held]),
        sending.map(({ id, lost }) => [id, lost]),
      ]);
      if (key === shown) return;
      shown = key;
      list.replaceChildren(
        ...queue.map((queued) => queuedRow(queued, strings)),
        ...sending.map((entry) => (entry.lost ? lostRow(entry, strings) : sendingRow(entry, strings))),
      );
      list.hidden = list.childElementCount === 0;
    },
  };
}

/**
 * @param {{ id: string, text: string, attachments?: readonly Attachment[] }} sent
 * @param {"queued" | "held" | "sending" | "lost"} state
 * @param {Strings} strings
 * @param {HTMLElement[]} notes
 */
function row({ id, text, attachments = [] }, state, strings, ...notes) {
  const item = element("li", { class: "chatwidget-queued", "data-id": id, "data-state": state });
  if (attachments.length > 0) {
    const chips = attachments.map((attachment) => chip(chipFace(attachment, strings)));
    item.append(element("ul", { class: "chatwidget-chips", "aria-label": strings.attachments }, ...chips));
  }
  if (text)
    item.append(element("div", { class: "chatwidget-queued-text", dir: "auto" }, stripAnsi(excerpt(text))));
  item.append(element("div", { class: "chatwidget-queued-note" }, ...notes));
  return item;
}

/** @type {(queued: Queued, strings: Strings) => HTMLElement} */
function queuedRow(queued, strings) {
  const note = element("span", {}, queued.held ? strings.held : strings.queued);
  if (queued.held === undefined) return row(queued, "queued", strings, note);
  const withdraw = iconButton("take-back", "remove", strings.withdraw);
  if (!queued.held) return row(queued, "queued", strings, note, withdraw);
  return row(queued, "held", strings, note, button("release", strings.release), withdraw);
}

/** @type {(entry: PendingSubmission, strings: Strings) => HTMLElement} */
const sendingRow = (entry, strings) => row(entry, "sending", strings, element("span", {}, strings.sending));

/** @type {(entry: PendingSubmission, strings: Strings) => HTMLElement} */
const lostRow = (entry, strings) =>
  row(
    entry,
    "lost",
    strings,
    element("span", { class: "chatwidget-error" }, strings.lost),
    button("resend", strings.resend),
    button("take-back", strings.takeBack),
  );

/** @param {string} text */
const excerpt = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
