/** Paints at most once a frame, and immediately if the current frame has no paint yet. */

/** Milliseconds until a timer replaces a frame: a hidden page gets no frames, but still gets text. */
const HIDDEN_DELAY = 250;

/**
 * Return a function that requests a paint.
 *
 * @param {() => void} paint
 * @param {AbortSignal} signal
 * @returns {() => void} the paint follows in a microtask at the earliest
 */
export function framePainter(paint, signal) {
  let isWanted = false;
  /** The pending frame of the last paint; 0 if there is none. */
  let frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
  };
  const run = () => {
    if (signal.aborted) return;
    isWanted = false;
    frame = requestAnimationFrame(next);
    timer = setTimeout(next, HIDDEN_DELAY);
    paint();
  };
  const next = () => {
    cancel();
    if (isWanted) run();
  };

  signal.addEventListener("abort", cancel, { once: true });
  return () => {
    if (!isWanted && !frame) queueMicrotask(run);
    isWanted = true;
  };
}
