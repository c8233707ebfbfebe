/** Keeps a store in sync with the kernel: asks for its state whenever a patch, or the kernel itself, may be lost. */

/** @import { Command } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */

/** Milliseconds of silence after which the view asks. */
const SILENCE = { outOfSync: 2000, busy: 1000, idle: 15_000 };
/** Milliseconds without an answer after which a kernel counts as silent. */
const PATIENCE = 1000;

/** The connection of one store to its kernel. */
export class Sync {
  #store;
  #send;
  #isVisible;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #deadline;
  /** Requests since the last message from the kernel. */
  #asks = 0;
  /** True if the kernel has answered during the running turn: one without subshells cannot while a cell waits. */
  #listens = false;

  /**
   * @param {Store} store
   * @param {object} options
   * @param {(command: Command) => boolean} options.send returns false if the comm is closed
   * @param {() => boolean} options.isVisible returns true if any view is on the screen
   * @param {AbortSignal} options.signal
   */
  constructor(store, { send, isVisible, signal }) {
    this.#store = store;
    this.#send = send;
    this.#isVisible = isVisible;
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  /** Ask at once, as patches may have passed before anyone listened. */
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

  /** Find out whether the kernel is alive, after the host reported that it may be gone. */
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

  /** @param {"silent" | "gone"} [otherwise] the kernel's state if it does not answer */
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

  /** Ask less and less often while nothing answers: a kernel that reads late would answer every request. */
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
 * Return true for messages that only answer a request: a snapshot, or a patch without changes.
 *
 * @param {any} content
 */
const isAnswer = (content) => content?.type === "snapshot" || content?.ops?.length === 0;
