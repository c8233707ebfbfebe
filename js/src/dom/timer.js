/** A timer that ends with the view. */

/**
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
