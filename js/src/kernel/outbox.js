/** Submissions that are not in the conversation yet. No text of the user's is lost silently. */

import { Listeners } from "../state/listeners.js";
import { newId } from "../text/id.js";

/** @import { Attachment, Command } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Delivery, Parcel } from "./delivery.js" */
/** @import { PendingSubmission, OutboxStorage, Submission } from "./outbox_storage.js" */

/**
 * `rev`: the revision that shows its effect, once known.
 *
 * @typedef {PendingSubmission & { parcel?: Parcel, rev: number | null }} Entry
 */

/** The unconfirmed submissions of one page. */
export class Outbox {
  #store;
  #delivery;
  #storage;
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** Submissions in the kernel's queue, whose state has only their text. @type {Map<string, Submission>} */
  #queued = new Map();
  /** @type {Listeners<[]>} */
  #listeners = new Listeners();

  /**
   * @param {Store} store
   * @param {object} options
   * @param {Delivery} options.delivery
   * @param {OutboxStorage} [options.storage] submissions that were unconfirmed when the page was reloaded
   * @param {AbortSignal} options.signal
   */
  constructor(store, { delivery, storage, signal }) {
    this.#store = store;
    this.#delivery = delivery;
    this.#storage = storage;
    for (const sending of storage?.read() ?? []) this.#resume(sending);
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
   * @param {Attachment[]} [attachments] replace those of the old version, which are kept if omitted
   */
  edit(of, text, attachments) {
    this.#put({ of, text, attachments });
  }

  /**
   * Send a lost or refused message again, under the same id: if the first one arrives after all, it counts once.
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
   * Cancel a message, or take it out of the queue, and return it for editing.
   *
   * @param {string} id
   * @returns {Submission}
   */
  takeBack(id) {
    const entry = this.#entries.get(id);
    /** @type {Submission} */
    const sent = entry ?? this.#queued.get(id) ?? this.#waiting(id) ?? { text: "" };
    const { of, text, attachments } = sent;
    if (entry?.parcel) this.#delivery.withdraw(entry.parcel);
    this.#entries.delete(id);
    this.#store.dequeue(id);
    this.#notify();
    return { of, text, attachments };
  }

  /** Return what a queued message was sent with, if it was sent from here. @param {string} id */
  queued(id) {
    return this.#queued.get(id);
  }

  /** Keep what a reload would lose: of those in the queue, the kernel gives only the text back. */
  #save() {
    const entries = this.entries.map(({ id, of, text, attachments, lost }) => ({
      id,
      of,
      text,
      attachments,
      lost,
    }));
    const queued = [...this.#queued].map(([id, sent]) => ({ id, ...sent, lost: false, queued: true }));
    if (!this.#storage?.write([...entries, ...queued])) this.#storage?.write(entries);
  }

  /** @param {Submission} written */
  #put(written) {
    /** @type {Entry} */
    const entry = { ...written, id: newId(), lost: false, rev: null };
    this.#entries.set(entry.id, entry);
    this.#dispatch(entry);
  }

  /**
   * Continue a submission from before a reload: the kernel knows its id if it arrived.
   *
   * @param {PendingSubmission} sending
   */
  #resume({ id, of, text, attachments, lost, queued }) {
    if (this.#waiting(id)) this.#queued.set(id, { text, attachments });
    if (queued || this.#store.has(id)) return;
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
    const gone = [...this.#queued.keys()].filter((id) => !this.#waiting(id));
    for (const id of gone) this.#queued.delete(id);
    // The kernel has run them, yet they are not in the state that it sent since.
    const isRefused = (/** @type {Entry} */ { id, lost, rev }) =>
      !lost && rev !== null && !outOfSync && snapshot.rev >= rev && this.#entries.has(id);
    const refused = entries.filter(isRefused);
    for (const entry of refused) entry.lost = true;
    if (arrived.length + gone.length + refused.length > 0) this.#notify();
  }

  #noteLost() {
    for (const entry of this.#entries.values()) if (entry.rev === null) entry.lost = this.#delivery.isLost;
    this.#notify();
  }

  /** Return a question in the kernel's queue. @param {string} id */
  #waiting(id) {
    return this.#store.state.queue.find((queued) => queued.id === id);
  }

  #notify() {
    this.#save();
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
