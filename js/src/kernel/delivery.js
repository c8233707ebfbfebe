/** Delivers commands to the kernel, which runs each once and in order. Unacknowledged commands are sent again. */

import { isAck } from "../protocol/messages.js";
import { Listeners } from "../state/listeners.js";
import { newId } from "../text/id.js";

/** @import { Command } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */

/** @typedef {{ command: Command, number: number, onDone: (rev: number) => void }} Parcel */

/** Milliseconds without an acknowledgement after which commands are sent again. */
const PATIENCE = 3000;
/** The slowest expected connection, in characters a millisecond: large commands are given longer. */
const SLOW_LINK = 500;
const MAX_SENDS = 6;
/** Milliseconds until commands that the kernel misses are sent again: they may still be on their way. */
const GAP = 250;

/** The commands of one page to one kernel. */
export class Delivery {
  #store;
  #send;
  #signal;
  #sender = newId();
  #last = 0;
  /** Commands that are not acknowledged, in order. @type {Parcel[]} */
  #parcels = [];
  /** How often the first of them was sent. */
  #sends = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isLost = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Listeners<[]>} */
  #listeners = new Listeners();

  /**
   * @param {Store} store
   * @param {object} options
   * @param {(command: Command & { sender: string, number: number }) => void} options.send
   * @param {AbortSignal} options.signal
   */
  constructor(store, { send, signal }) {
    this.#store = store;
    this.#send = send;
    this.#signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** True if waiting commands are no longer repeated, until the kernel answers. */
  get isLost() {
    return this.#isLost;
  }

  /**
   * Call a listener when `isLost` may have changed.
   *
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  subscribe(listener, signal) {
    this.#listeners.add(listener, signal);
  }

  /**
   * Send a command, to run after all earlier ones.
   *
   * @param {Command} command
   * @param {(rev: number) => void} [onDone] called with the revision that shows its effect
   */
  put(command, onDone = () => {}) {
    this.#last += 1;
    const parcel = { command, number: this.#last, onDone };
    this.#parcels.push(parcel);
    if (this.#isLost) this.resume();
    else this.#post([parcel]);
    return parcel;
  }

  /** Cancel a command, unless the kernel has already run it. @param {Parcel} parcel */
  withdraw(parcel) {
    parcel.command = { type: "skip" };
  }

  /** Send the waiting commands again, with all retries left. */
  resume() {
    this.#sends = 0;
    this.#setLost(false);
    this.#post(this.#parcels);
  }

  /** Note that the kernel answered, and send what it lost again. */
  noteAnswer() {
    this.#answeredAt = performance.now();
    if (this.#isLost && this.#answeredAt - this.#sentAt >= PATIENCE) this.#post(this.#parcels);
  }

  /**
   * Handle an acknowledgement, which covers all commands up to a number.
   *
   * @param {unknown} content
   * @returns {boolean} true if it was one
   */
  receive(content) {
    if (!isAck(content)) return false;
    if (content.sender !== this.#sender) return true;
    const done = this.#parcels.filter(({ number }) => number <= content.number);
    this.#parcels = this.#parcels.slice(done.length);
    this.#sends = 0;
    this.#wait(done.length > 0 ? this.#patience : GAP);
    this.#setLost(false);
    for (const { onDone } of done) onDone(content.rev);
    return true;
  }

  /** @param {Parcel[]} parcels */
  #post(parcels) {
    if (this.#signal.aborted) return;
    if (parcels[0] === this.#parcels[0]) this.#sends += 1;
    this.#sentAt = performance.now();
    for (const { command, number } of parcels) this.#send({ ...command, sender: this.#sender, number });
    this.#wait(this.#patience);
  }

  get #patience() {
    return PATIENCE + this.#parcels.reduce((sum, { command }) => sum + sizeOf(command), 0) / SLOW_LINK;
  }

  /** @param {number} patience */
  #wait(patience) {
    clearTimeout(this.#timer);
    if (this.#parcels.length > 0) this.#timer = setTimeout(() => this.#overdue(), patience);
  }

  #overdue() {
    // In JupyterLite no command is read while a cell waits for an answer; its text shows that the kernel lives.
    if (this.#store.busy && this.#answeredAt > this.#sentAt) this.#sends -= 1;
    if (this.#sends < MAX_SENDS) this.#post(this.#parcels);
    else this.#setLost(true);
  }

  /** @param {boolean} isLost */
  #setLost(isLost) {
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    this.#listeners.notify();
  }
}

/** @param {Command} command */
function sizeOf(command) {
  const files = "attachments" in command ? (command.attachments ?? []) : [];
  return files.reduce((size, { data }) => size + data.length, 0);
}
