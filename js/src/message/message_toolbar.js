/** The toolbar below a message. */

import { copyText } from "../dom/clipboard.js";
import { on } from "../dom/delegation.js";
import { element, setHidden } from "../dom/elements.js";
import { iconButton, showIcon } from "../dom/icons.js";
import { startTimer } from "../dom/timer.js";
import { createToolbar } from "../dom/toolbar.js";
import { bodyOf, isGrowing } from "../state/message_content.js";
import { statistics } from "./statistics.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */
/** @import { Commands, Context } from "./message_context.js" */

/** How long a button shows that it has copied, in milliseconds. */
const COPIED = 2000;

/**
 * Create the toolbar; it is hidden while the message grows.
 *
 * @param {Strings} strings
 * @param {Commands} commands
 * @param {() => void} onEdit
 */
export function createMessageToolbar(strings, commands, onEdit) {
  /** @type {ViewMessage} */
  let message;
  const { signal } = commands;
  const copy = createCopy(strings, () => bodyOf(message.content).text, signal);
  const edit = on(iconButton("edit-message", "edit", strings.edit), { click: onEdit });
  const regenerate = iconButton("regenerate", "regenerate", strings.regenerate);
  on(regenerate, { click: () => commands.regenerate(message.id) });
  const remove = on(iconButton("remove-message", "trash", strings.remove), {
    click: () => commands.remove(message.id),
  });
  const info = createInfo(strings);
  const bar = createToolbar(strings.actions, [copy.button, edit, regenerate, remove, info.button]);
  const group = element("div", { class: "chatwidget-actions" }, bar.element, copy.status);

  return {
    element: group,
    focusEdit: () => edit.focus(),

    /**
     * @param {ViewMessage} shown
     * @param {Context} context
     */
    update(shown, { canAsk, canRetry, isContinued }) {
      message = shown;
      const isReply = shown.role === "assistant";
      setHidden(group, isContinued || isGrowing(shown));
      if (group.hidden) return;
      copy.button.hidden = bodyOf(shown.content).text === "";
      edit.hidden = isReply || !canAsk;
      regenerate.hidden = !isReply || !canAsk || canRetry;
      info.update(shown);
      bar.settle();
    },
  };
}

/**
 * Create the button that copies a text, and its announcement.
 *
 * @param {Strings} strings
 * @param {() => string} textOf
 * @param {AbortSignal} signal
 */
function createCopy(strings, textOf, signal) {
  const button = iconButton("copy-message", "copy", strings.copy);
  const status = element("span", { class: "chatwidget-sr-only", role: "status" });

  const showCopied = (/** @type {boolean} */ isCopied) => {
    showIcon(button, isCopied ? "check" : "copy", isCopied ? strings.copied : strings.copy);
    status.textContent = isCopied ? strings.copied : "";
  };
  const run = async () => {
    await copyText(textOf(), button);
    showCopied(true);
    startTimer(COPIED, () => showCopied(false), signal);
  };
  on(button, { click: () => void run() });
  return { button, status };
}

/** Create the button that shows an answer's statistics on hover and focus. @param {Strings} strings */
function createInfo(strings) {
  const tip = element("span", { class: "chatwidget-tip", dir: "auto", "aria-hidden": "true" });
  const button = iconButton("info", "info", "");
  button.removeAttribute("title");
  button.append(tip);
  return {
    button,
    /** @param {ViewMessage} message */
    update(message) {
      const lines = statistics(message, strings);
      button.hidden = lines.length === 0;
      tip.textContent = lines.join("\n");
      button.setAttribute("aria-label", `${strings.details}: ${lines.join(", ")}`);
    },
  };
}
