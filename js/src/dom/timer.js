/** Timers that end with the view. */

/**
 * Run a function after a delay, unless the signal aborts.
 *
 * @param {number} delay milliseconds
 * @param {() => void} run
 * @param {AbortSignal} signal
 */
export function startTimer(delay, run, signal) {
  const cancel = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", cancel);
    run();
  }, delay);
  signal.addEventListener("abort", cancel, { once: true });
}
