/** The attachments of the message being written: files, read as soon as they are chosen, and long pasted texts. */

import { delegate, on } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";
import { showIcon } from "../dom/icons.js";
import { escapeInvisible } from "../dom/invisible.js";
import { encodedSize, formatSize, MAX_FILE_BYTES, readAttachment } from "../protocol/attachments.js";
import { MAX_TEXT_BYTES } from "../protocol/messages.js";
import { chip, chipFace } from "./attachment_chips.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Attachment } from "../protocol/messages.js" */
/** @import { Attached, Pasted } from "./attachment_chips.js" */
/** @import { Transferred } from "./data_transfer.js" */

/** @typedef {{ attached: Attached, chip: HTMLElement }} Entry */

/** How many characters of a long text become its name. */
const NAME = 60;

/**
 * Create the list of attachments.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {() => void} options.onChange
 * @param {(text: string) => void} options.onUnfold the user moves a long text into the input
 * @param {() => void} options.onEmptied the last attachment was removed, and the focus with it
 * @param {AbortSignal} options.signal
 */
export function createAttachments({ strings, onChange, onUnfold, onEmptied, signal }) {
  const list = element("ul", { class: "chatwidget-chips", "aria-label": strings.attachments });
  /** @type {Entry[]} */
  let entries = [];
  /** @type {string[]} Why files were not attached. */
  let reasons = [];

  const changed = () => {
    list.hidden = entries.length === 0;
    onChange();
  };

  const forget = (/** @type {Entry} */ entry) => {
    entries = entries.filter((other) => other !== entry);
    entry.chip.remove();
  };

  const remove = (/** @type {Entry} */ entry) => {
    const index = entries.indexOf(entry);
    forget(entry);
    reasons = [];
    changed();
    const next = entries[index] ?? entries.at(-1);
    if (next) next.chip.querySelector("button")?.focus();
    else onEmptied();
  };

  const read = async (/** @type {Entry} */ entry, /** @type {File} */ file) => {
    const attachment = await readAttachment(file).catch(() => undefined);
    if (!entries.includes(entry)) return;
    if (attachment) {
      entry.attached = attachment;
      entry.chip.firstElementChild?.replaceWith(chipFace(attachment, strings));
    } else {
      forget(entry);
      const name = escapeInvisible(file.name);
      reasons.push(attachment === null ? strings.fileKind(name) : strings.fileUnreadable(name));
    }
    changed();
  };

  const attach = (/** @type {Attached} */ attached) => {
    const face = chipFace(attached, strings);
    const away = button("chip-remove", "");
    /** @type {Entry} */
    const entry = { attached, chip: chip(face, away) };
    showIcon(away, "remove", strings.removeAttachment(escapeInvisible(attached.name)));
    if (isPasted(attached)) {
      const unfold = () => {
        forget(entry);
        changed();
        onUnfold(attached.text);
      };
      on(face, { click: unfold });
    }
    on(away, {
      click: () => remove(entry),
      keydown: ({ key }) => {
        if (key === "Delete" || key === "Backspace") remove(entry);
      },
    });
    entries.push(entry);
    list.append(entry.chip);
    if (attached instanceof File) void read(entry, attached);
  };

  const refusal = (/** @type {File} */ file) => {
    const [name, { size }] = [escapeInvisible(file.name), file];
    if (size === 0) return strings.fileEmpty(name);
    const taken = entries.reduce((sum, { attached }) => sum + travelSize(attached), 0);
    if (taken + encodedSize(size) <= MAX_TEXT_BYTES) return undefined;
    const inWords = (/** @type {number} */ bytes) => formatSize(bytes, strings.language);
    return strings.fileTooLarge(name, inWords(size), inWords(MAX_FILE_BYTES));
  };

  delegate(list, signal);
  list.hidden = true;

  return {
    list,
    get attached() {
      return entries.map(({ attached }) => attached);
    },
    /** The files that have been read. */
    get files() {
      return entries.map(({ attached }) => attached).filter(isRead);
    },
    get texts() {
      return entries
        .map(({ attached }) => attached)
        .filter(isPasted)
        .map(({ text }) => text);
    },
    get isReading() {
      return entries.some(({ attached }) => attached instanceof File);
    },
    get problem() {
      return reasons.join("\n");
    },

    /** Attach the chosen files, as far as they fit into a message. @param {Transferred} chosen */
    add({ files, folders }) {
      reasons = folders.map((name) => strings.folder(escapeInvisible(name)));
      for (const file of files) {
        const reason = refusal(file);
        if (reason === undefined) attach(file);
        else reasons.push(reason);
      }
      changed();
    },

    /** @param {string} text */
    addText(text) {
      attach({ name: text.trimStart().slice(0, NAME).split("\n", 1)[0] ?? "", text });
      changed();
    },

    /** @param {readonly Attached[]} attached */
    put(attached) {
      attached.forEach(attach);
      changed();
    },

    clear() {
      entries = [];
      reasons = [];
      list.replaceChildren();
      changed();
    },
  };
}

/**
 * @param {Attached} attached
 * @returns {attached is Pasted}
 */
function isPasted(attached) {
  return !(attached instanceof File) && "text" in attached;
}

/**
 * @param {Attached} attached
 * @returns {attached is Attachment}
 */
function isRead(attached) {
  return !(attached instanceof File) && "data" in attached;
}

/** @param {Attached} attached */
function travelSize(attached) {
  if (attached instanceof File) return encodedSize(attached.size);
  return isRead(attached) ? attached.data.length : 0;
}
