/** Paints at most once a frame, and at once when this frame has not been painted in. */

/** Milliseconds until a timer ends a frame instead: none comes while the page is hidden, but text does. */
const HIDDEN_DELAY = 250;

/**
 * @param {() => void} paint
 * @param {AbortSignal} signal
 * @returns {() => void} asks for a paint, which comes after what is being done
 */
export function framePainter(paint, signal) {
  let isWanted = false;
  /** The frame that shows the last paint, until it is there. */
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
