/** Keeps a store true to the kernel: asks again whenever something may have been lost on the way. */

/** @import { Command } from "./protocol.js" */
/** @import { Store } from "./store.js" */

/** How long silence lasts, in milliseconds, before this side asks. */
const SILENCE = { outOfSync: 2000, busy: 3000, idle: 15000 };

export class Link {
  #store;
  #send;
  #isVisible;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Store} store
   * @param {object} options
   * @param {(command: Command) => void} options.send
   * @param {() => boolean} options.isVisible whether any view can be seen
   * @param {AbortSignal} options.signal
   */
  constructor(store, { send, isVisible, signal }) {
    this.#store = store;
    this.#send = send;
    this.#isVisible = isVisible;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** Begin with asking, as patches may have passed before anyone listened. */
  start() {
    this.#ask();
    this.#wait();
  }

  /** @param {unknown} content */
  receive(content) {
    if (this.#store.receive(content) === "resync") this.#ask();
    this.#wait();
  }

  #ask() {
    this.#send({ type: "resync", rev: this.#store.snapshot.rev });
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#afterSilence(), SILENCE[this.#mode]);
  }

  #afterSilence() {
    if (this.#mode !== "idle" || this.#isVisible()) this.#ask();
    this.#wait();
  }

  get #mode() {
    if (this.#store.outOfSync) return "outOfSync";
    return this.#store.busy ? "busy" : "idle";
  }
}
