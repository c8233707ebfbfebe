/** Keeps a store true to the kernel: asks again whenever something may have been lost on the way, or the kernel itself. */

/** @import { Command } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */

/** How long silence lasts, in milliseconds, before this side asks. */
const SILENCE = { outOfSync: 2000, busy: 1000, idle: 15_000 };
/** How long a kernel may take to answer, in milliseconds, before its silence is told. */
const PATIENCE = 1000;

export class Sync {
  #store;
  #send;
  #isVisible;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #deadline;
  /** How often it was asked since it was heard last. */
  #asks = 0;
  /** Whether an answer has come while the running turn ran: kernels without subshells are deaf while a cell waits. */
  #listens = false;

  /**
   * @param {Store} store
   * @param {object} options
   * @param {(command: Command) => boolean} options.send whether there still is a way to the kernel
   * @param {() => boolean} options.isVisible whether any view can be seen
   * @param {AbortSignal} options.signal
   */
  constructor(store, { send, isVisible, signal }) {
    this.#store = store;
    this.#send = send;
    this.#isVisible = isVisible;
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  /** Begin with asking, as patches may have passed before anyone listened. */
  start() {
    this.#ask();
    this.#wait();
  }

  /** @param {unknown} content */
  receive(content) {
    const outcome = this.#store.receive(content);
    this.#listens = this.#store.busy && (this.#listens || isAnswer(content));
    this.#noteAnswer();
    if (outcome === "resync" || this.#store.isAlone) this.#ask();
    this.#wait();
  }

  /** Find out whether the kernel is there: the host has said that it may be gone. */
  check() {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#ask("gone");
  }

  #noteAnswer() {
    this.#asks = 0;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    if (this.#store.kernel === "silent") this.#store.setKernel("there");
  }

  /** @param {"silent" | "gone"} [otherwise] what a kernel is that does not answer */
  #ask(otherwise = "silent") {
    this.#asks += 1;
    if (!this.#send({ type: "resync", rev: this.#store.outOfSync ? -1 : this.#store.snapshot.rev })) {
      this.#store.setKernel("gone");
    } else if (this.#deadline === undefined && (this.#listens || otherwise === "gone")) {
      this.#deadline = setTimeout(() => this.#store.setKernel(otherwise), PATIENCE);
    }
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#afterSilence(), this.#patience);
  }

  /** What was asked in vain is asked less and less often: a kernel that reads late would answer it all. */
  get #patience() {
    const mode = this.#mode;
    return mode === "busy" ? Math.min(SILENCE.busy * 2 ** this.#asks, SILENCE.idle) : SILENCE[mode];
  }

  #afterSilence() {
    if (this.#mode !== "idle" || this.#isVisible()) this.#ask();
    this.#wait();
  }

  get #mode() {
    if (this.#store.isAlone) return "idle";
    if (this.#store.outOfSync) return "outOfSync";
    return this.#store.busy ? "busy" : "idle";
  }

  #end() {
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
  }
}

/**
 * Whether the kernel says this to who asks only: a snapshot, or that there is nothing new.
 *
 * @param {any} content
 */
const isAnswer = (content) => content?.type === "snapshot" || content?.ops?.length === 0;
