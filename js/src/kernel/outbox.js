/** What was sent and has not come back yet. Nothing a person wrote is lost without a word. */

import { Listeners } from "../state/listeners.js";
import { newId } from "../text/id.js";

/** @import { Attachment, Command } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Delivery, Parcel } from "./delivery.js" */
/** @import { PendingSubmission, OutboxStorage, Submission } from "./outbox_storage.js" */

/** `rev` is the revision that shows what came of it, once it is known. @typedef {PendingSubmission & { parcel?: Parcel, rev: number | null }} Entry */

export class Outbox {
  #store;
  #delivery;
  #storage;
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** What waits in the kernel's queue, which tells of its text only. @type {Map<string, Submission>} */
  #queued = new Map();
  /** @type {Listeners<[]>} */
  #listeners = new Listeners();

  /**
   * @param {Store} store
   * @param {object} options
   * @param {Delivery} options.delivery
   * @param {OutboxStorage} [options.storage] what the page had not sent when it was left
   * @param {AbortSignal} options.signal
   */
  constructor(store, { delivery, storage, signal }) {
    this.#store = store;
    this.#delivery = delivery;
    this.#storage = storage;
    for (const sending of storage?.read() ?? []) this.#takeUp(sending);
    store.subscribe(() => this.#settle(), signal);
    delivery.subscribe(() => this.#noteLost(), signal);
  }

  /** @returns {PendingSubmission[]} */
  get entries() {
    return [...this.#entries.values()];
  }

  /**
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  subscribe(listener, signal) {
    this.#listeners.add(listener, signal);
  }

  /**
   * @param {string} text
   * @param {Attachment[]} [attachments]
   */
  submit(text, attachments) {
    this.#put({ text, attachments });
  }

  /**
   * Ask a new version of the question `of`; it has arrived once its own id is in the conversation.
   *
   * @param {string} of
   * @param {string} text
   * @param {Attachment[]} [attachments] in place of those of the old version, which stay where none are given
   */
  edit(of, text, attachments) {
    this.#put({ of, text, attachments });
  }

  /**
   * Send a message once more that was lost or refused, under the same id: should the first one arrive after all, it
   * counts once.
   *
   * @param {string} id
   */
  resend(id) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    if (entry.rev === null) this.#delivery.resume();
    else this.#dispatch(entry);
  }

  /**
   * Give up a message, for it to be written anew.
   *
   * @param {string} id
   * @returns {Submission}
   */
  takeBack(id) {
    const { of, text, attachments, parcel } = this.#entries.get(id) ?? { text: "" };
    if (parcel) this.#delivery.withdraw(parcel);
    this.#entries.delete(id);
    this.#notify();
    return { of, text, attachments };
  }

  /** What a message that waits for its turn was sent with, if it was from here. @param {string} id */
  queued(id) {
    return this.#queued.get(id);
  }

  /** @param {Submission} written */
  #put(written) {
    /** @type {Entry} */
    const entry = { ...written, id: newId(), lost: false, rev: null };
    this.#entries.set(entry.id, entry);
    this.#dispatch(entry);
  }

  /** Go on with what was sent before the page was loaded anew: the kernel knows the id if it got it. @param {PendingSubmission} sending */
  #takeUp({ id, of, text, attachments, lost }) {
    if (this.#store.has(id)) return;
    const entry = { id, of, text, attachments, lost, rev: 0 };
    this.#entries.set(id, entry);
    if (!lost) this.#dispatch(entry);
  }

  /** @param {Entry} entry */
  #dispatch(entry) {
    const done = (/** @type {number} */ rev) => {
      entry.rev = rev;
      this.#settle();
    };
    Object.assign(entry, { lost: false, rev: null });
    entry.parcel = this.#delivery.put(commandFor(entry), done);
    this.#notify();
  }

  #settle() {
    const { snapshot, outOfSync } = this.#store;
    const entries = [...this.#entries.values()];
    const arrived = entries.filter(({ id }) => this.#store.has(id));
    for (const { id, text, attachments } of arrived) {
      this.#queued.set(id, { text, attachments });
      this.#entries.delete(id);
    }
    const waiting = new Set(this.#store.state.queue.map(({ id }) => id));
    for (const id of this.#queued.keys()) if (!waiting.has(id)) this.#queued.delete(id);
    // The kernel has done with them, and they are not in what it shows since.
    const isRefused = (/** @type {Entry} */ { id, lost, rev }) =>
      !lost && rev !== null && !outOfSync && snapshot.rev >= rev && this.#entries.has(id);
    const refused = entries.filter(isRefused);
    for (const entry of refused) entry.lost = true;
    if (arrived.length + refused.length > 0) this.#notify();
  }

  #noteLost() {
    for (const entry of this.#entries.values()) if (entry.rev === null) entry.lost = this.#delivery.isLost;
    this.#notify();
  }

  #notify() {
    this.#storage?.write(
      this.entries.map(({ id, of, text, attachments, lost }) => ({ id, of, text, attachments, lost })),
    );
    this.#listeners.notify();
  }
}

/**
 * @param {Entry} entry
 * @returns {Command}
 */
function commandFor({ id, of, text, attachments }) {
  const files = attachments === undefined ? {} : { attachments };
  return of === undefined ? { type: "submit", id, text, ...files } : { type: "edit", id, of, text, ...files };
}
