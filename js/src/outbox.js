/** What was sent and has not come back yet. Nothing a person wrote is lost without a word. */

/** @import { Attachment, Command } from "./protocol.js" */
/** @import { Store } from "./store.js" */

/**
 * What a person wrote: a question, or, with `of`, a new version of one. An edit without attachments keeps
 * those of the old version.
 *
 * @typedef {{ of?: string, text: string, attachments?: Attachment[] }} Written
 */
/** @typedef {Written & { id: string, sends: number, sentAt: number, lost: boolean }} Sending */

/** Milliseconds until an unanswered message is sent again. */
const PATIENCE = 3000;
/** Of attachments, in characters a millisecond: what is still on its way is not sent again. */
const SLOW_LINK = 500;
const MAX_SENDS = 6;

export class Outbox {
  #store;
  #send;
  #signal;
  /** @type {Map<string, Sending>} */
  #entries = new Map();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  /** What waits in the kernel's queue, which tells of its text only. @type {Map<string, Written>} */
  #queued = new Map();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #heardAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {Store} store
   * @param {object} options
   * @param {(command: Command) => void} options.send
   * @param {AbortSignal} options.signal
   */
  constructor(store, { send, signal }) {
    this.#store = store;
    this.#send = send;
    this.#signal = signal;
    store.subscribe(() => this.#settle(), signal);
    signal.addEventListener("abort", () => this.#timers.forEach(clearTimeout), { once: true });
  }

  /** @returns {Sending[]} */
  get entries() {
    return [...this.#entries.values()];
  }

  /**
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  subscribe(listener, signal) {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
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
   * Send a lost message once more, under the same id: should the first one arrive after all, it counts once.
   *
   * @param {string} id
   */
  resend(id) {
    const entry = this.#entries.get(id);
    if (entry) this.#dispatch(Object.assign(entry, { sends: 0, lost: false }));
  }

  /**
   * Give up a message, for it to be written anew.
   *
   * @param {string} id
   * @returns {Written}
   */
  takeBack(id) {
    const { of, text, attachments } = this.#entries.get(id) ?? { text: "" };
    this.#forget(id);
    this.#tell();
    return { of, text, attachments };
  }

  /** What a message that waits for its turn was sent with, if it was from here. @param {string} id */
  queued(id) {
    return this.#queued.get(id);
  }

  /** The kernel was heard from. */
  heard() {
    this.#heardAt = performance.now();
  }

  /** @param {Written} written */
  #put(written) {
    const entry = { ...written, id: newId(), sends: 0, sentAt: 0, lost: false };
    this.#entries.set(entry.id, entry);
    this.#dispatch(entry);
  }

  /** @param {Sending} entry */
  #dispatch(entry) {
    if (this.#signal.aborted) return;
    entry.sends += 1;
    entry.sentAt = performance.now();
    this.#timers.set(
      entry.id,
      setTimeout(() => this.#overdue(entry), PATIENCE + sizeOf(entry) / SLOW_LINK),
    );
    this.#send(commandFor(entry));
    this.#tell();
  }

  /** @param {Sending} entry */
  #overdue(entry) {
    // In JupyterLite nothing is read while a cell waits for an answer; what comes of it shows that the kernel lives.
    if (this.#store.busy && this.#heardAt > entry.sentAt) entry.sends -= 1;
    if (entry.sends < MAX_SENDS) return this.#dispatch(entry);
    entry.lost = true;
    this.#tell();
  }

  #settle() {
    const arrived = this.entries.filter(({ id }) => this.#store.has(id));
    for (const { id, text, attachments } of arrived) {
      this.#queued.set(id, { text, attachments });
      this.#forget(id);
    }
    const waiting = new Set(this.#store.state.queue.map(({ id }) => id));
    for (const id of this.#queued.keys()) if (!waiting.has(id)) this.#queued.delete(id);
    if (arrived.length) this.#tell();
  }

  /** @param {string} id */
  #forget(id) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#entries.delete(id);
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

/**
 * @param {Sending} entry
 * @returns {Command}
 */
function commandFor({ id, of, text, attachments }) {
  const files = attachments === undefined ? {} : { attachments };
  return of === undefined ? { type: "submit", id, text, ...files } : { type: "edit", id, of, text, ...files };
}

/** @param {Written} written */
const sizeOf = ({ attachments = [] }) => attachments.reduce((size, { data }) => size + data.length, 0);

/** Unlike `crypto.randomUUID`, this works on a notebook server reached over plain http, too. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
