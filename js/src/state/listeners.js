/** Functions to call when something changes. No DOM. */

/** @template {unknown[]} Arguments */
export class Listeners {
  /** @type {Set<(...values: Arguments) => void>} */
  #listeners = new Set();

  /**
   * Call a listener at each notification until the signal aborts.
   *
   * @param {(...values: Arguments) => void} listener
   * @param {AbortSignal} signal
   */
  add(listener, signal) {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  /** @param {Arguments} values */
  notify(...values) {
    for (const listener of this.#listeners) listener(...values);
  }
}
