/** Large, rarely needed modules. They are fetched over the comm when first needed, once for all views of a widget. */

/** @import { Command, ResourceMessage } from "../protocol/messages.js" */

/** @typedef {{ resolve: (text: string) => void, reject: (error: Error) => void, sends: number }} Waiting */

/** Milliseconds until an unanswered request is repeated. */
const PATIENCE = 3000;
const MAX_SENDS = 6;

/** The modules of one widget. */
export class LazyModules {
  #send;
  #signal;
  /** @type {Map<string, Promise<string>>} */
  #texts = new Map();
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();

  /**
   * @param {object} options
   * @param {(command: Command) => void} options.send
   * @param {AbortSignal} options.signal
   */
  constructor({ send, signal }) {
    this.#send = send;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#failAll(), { once: true });
  }

  /**
   * Return the source of module `name`. Rejects if it does not arrive; the next call then tries again.
   *
   * @param {string} name
   * @returns {Promise<string>}
   */
  get(name) {
    const known = this.#texts.get(name);
    if (known) return known;
    /** @type {Promise<string>} */
    const text = new Promise((resolve, reject) => {
      this.#waiting.set(name, { resolve, reject, sends: 0 });
      this.#ask(name);
    });
    if (this.#waiting.has(name)) this.#texts.set(name, text);
    return text;
  }

  /** @param {ResourceMessage} message */
  receive({ name, text }) {
    this.#end(name)?.resolve(text);
  }

  /** @param {string} name */
  #ask(name) {
    const waiting = this.#waiting.get(name);
    if (!waiting) return;
    if (this.#signal.aborted || waiting.sends === MAX_SENDS) return this.#fail(name);
    waiting.sends += 1;
    this.#timers.set(
      name,
      setTimeout(() => this.#ask(name), PATIENCE),
    );
    this.#send({ type: "resource", name });
  }

  #failAll() {
    for (const name of this.#waiting.keys()) this.#fail(name);
  }

  /** @param {string} name */
  #fail(name) {
    this.#texts.delete(name);
    this.#end(name)?.reject(new Error(name));
  }

  /** @param {string} name */
  #end(name) {
    const waiting = this.#waiting.get(name);
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    this.#waiting.delete(name);
    return waiting;
  }
}
