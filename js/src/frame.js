/** Paints at most once a frame. */

/** Milliseconds until a timer paints instead: no frame comes while the page is hidden, but text does. */
const HIDDEN_DELAY = 250;

/**
 * @param {() => void} paint
 * @param {AbortSignal} signal
 * @returns {() => void} asks for a paint
 */
export function framePainter(paint, signal) {
  let frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
  };
  const run = () => {
    cancel();
    paint();
  };

  signal.addEventListener("abort", cancel, { once: true });
  return () => {
    if (frame || signal.aborted) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, HIDDEN_DELAY);
  };
}
