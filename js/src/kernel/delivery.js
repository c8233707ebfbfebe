/** Commands on their way to the kernel, which does each of them once, in order. What it does not acknowledge is repeated. */

import { isAck } from "../protocol/messages.js";
import { Listeners } from "../state/listeners.js";
import { newId } from "../text/id.js";

/** @import { Command } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */

/** @typedef {{ command: Command, number: number, onDone: (rev: number) => void }} Parcel */

/** Milliseconds until what is not acknowledged is sent again. */
const PATIENCE = 3000;
/** Of large ones, in characters a millisecond: what is still on its way is not sent again. */
const SLOW_LINK = 500;
const MAX_SENDS = 6;
/** Milliseconds until what the kernel says it misses is sent again: it may be on its way. */
const GAP = 250;

export class Delivery {
  #store;
  #send;
  #signal;
  #sender = newId();
  #last = 0;
  /** Those not acknowledged, in order. @type {Parcel[]} */
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

  /** Whether those that wait are not sent by themselves any more, unless the kernel is heard from. */
  get isLost() {
    return this.#isLost;
  }

  /**
   * Called when `isLost` may have changed.
   *
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  subscribe(listener, signal) {
    this.#listeners.add(listener, signal);
  }

  /**
   * Have the kernel do this after all that was put before.
   *
   * @param {Command} command
   * @param {(rev: number) => void} [onDone] called with the revision that shows what came of it
   */
  put(command, onDone = () => {}) {
    this.#last += 1;
    const parcel = { command, number: this.#last, onDone };
    this.#parcels.push(parcel);
    if (this.#isLost) this.resume();
    else this.#post([parcel]);
    return parcel;
  }

  /** Do not have it done, unless it has been. @param {Parcel} parcel */
  withdraw(parcel) {
    parcel.command = { type: "skip" };
  }

  /** Begin anew with sending what waits. */
  resume() {
    this.#sends = 0;
    this.#setLost(false);
    this.#post(this.#parcels);
  }

  /** Note that the kernel answered, and send again what it lost. */
  noteAnswer() {
    this.#answeredAt = performance.now();
    if (this.#isLost && this.#answeredAt - this.#sentAt >= PATIENCE) this.#post(this.#parcels);
  }

  /**
   * Take an acknowledgement: it is for all up to a number.
   *
   * @param {unknown} content
   * @returns {boolean} whether it was one
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
    // In JupyterLite nothing is read while a cell waits for an answer; what comes of it shows that the kernel lives.
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
