/** Decides when a message is sent: at once, after its files are read, its names checked and the model connected, or never. */

import { isTooLong } from "../protocol/messages.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Attachment } from "../protocol/messages.js" */
/** @import { createAttachments } from "./attachments.js" */
/** @import { NameCheck } from "./name_check.js" */

/**
 * @typedef {object} Readiness
 * @property {boolean} connected
 * @property {boolean} connecting
 * @property {boolean} failed if the last attempt to connect did
 * @property {boolean} gone if the kernel is
 */

/** @typedef {Pick<ReturnType<typeof createAttachments>, "attached" | "files" | "texts" | "isReading" | "problem">} Attachments */

/** @type {Readiness} */
const NOT_READY = { connected: false, connecting: false, failed: false, gone: false };

/** The submission of one draft. */
export class SendWhenReady {
  #strings;
  #text;
  #attachments;
  #names;
  #send;
  #now = NOT_READY;
  #waits = false;
  #triedInVain = false;
  #notice = "";

  /**
   * @param {object} options
   * @param {Strings} options.strings
   * @param {() => string} options.text returns the text of the draft
   * @param {Attachments} options.attachments
   * @param {Pick<NameCheck, "begin" | "forget" | "isPending" | "takeProblem">} options.names
   * @param {(text: string, files: Attachment[]) => void} options.send
   */
  constructor({ strings, text, attachments, names, send }) {
    this.#strings = strings;
    this.#text = text;
    this.#attachments = attachments;
    this.#names = names;
    this.#send = send;
  }

  get isEmpty() {
    return this.#text().trim() === "" && this.#attachments.attached.length === 0;
  }

  /** True if the user can press Send. */
  get isOffered() {
    const { connected, connecting, gone } = this.#now;
    return !this.isEmpty && !gone && !this.#waits && (connected || connecting);
  }

  /** Why nothing was sent; empty if there is nothing to explain. */
  get explanation() {
    const { files, problem } = this.#attachments;
    if (this.#isTooLong) return files.length > 0 ? this.#strings.tooMuch : this.#strings.tooLong;
    if (this.#waits && this.#now.connecting) return this.#strings.sendsWhenConnected;
    return problem || (this.#triedInVain ? this.#strings.notConnected : this.#notice);
  }

  /** Send the message, now or as soon as possible. */
  submit() {
    const { connected, connecting, gone } = this.#now;
    const isWanted = !this.isEmpty && !gone;
    this.#triedInVain = isWanted && !connected && !connecting;
    this.#waits = false;
    if (!isWanted || this.#triedInVain || this.#isTooLong) return;
    this.#names.begin(this.#text());
    this.#waits = this.#mustWait;
    if (this.#waits) return;
    this.#notice = this.#names.takeProblem();
    if (!this.#notice) this.#send(this.#message, this.#attachments.files);
  }

  /** Send the message that waits, if nothing is left to wait for. */
  retry() {
    if (!this.#waits || this.#mustWait) return;
    this.#waits = false;
    if (!this.#attachments.problem) this.submit();
  }

  /** Drop the explanation, because the user goes on writing. */
  dismiss() {
    this.#names.forget();
    this.#triedInVain = false;
    this.#notice = "";
  }

  /** Explain why a message came back. @param {string} why */
  notify(why) {
    this.#notice = why;
  }

  /** Update the state of the connection, and send the message that waited for it. @param {Readiness} now */
  update(now) {
    if (this.#waits && this.#now.connecting && !now.connecting && now.failed) {
      this.#waits = false;
      this.#notice = this.#strings.notSent;
    }
    this.#now = now;
    this.#triedInVain &&= !now.connected;
    this.retry();
  }

  get #message() {
    return [this.#text(), ...this.#attachments.texts].filter((text) => text.trim() !== "").join("\n\n");
  }

  get #isTooLong() {
    return isTooLong(this.#message, this.#attachments.files);
  }

  get #mustWait() {
    return this.#now.connecting || this.#attachments.isReading || this.#names.isPending;
  }
}
