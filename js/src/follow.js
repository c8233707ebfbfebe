/** Keeps a scrolling element at its end while the reader is there, and where it is when the reader is not. */

/** How near the end, in pixels, counts as there. */
const NEAR = 32;

/**
 * @param {HTMLElement} scroller
 * @param {AbortSignal} signal
 */
export function follow(scroller, signal) {
  let following = true;
  let top = 0;

  const settle = () => {
    scroller.scrollTop = following ? scroller.scrollHeight : top;
  };

  scroller.addEventListener(
    "scroll",
    () => {
      // An element that is being hidden scrolls to 0, too.
      if (scroller.clientHeight === 0) return;
      top = scroller.scrollTop;
      following = scroller.scrollHeight - top - scroller.clientHeight < NEAR;
    },
    { signal, passive: true },
  );

  // A notebook takes cells out of the page and puts them back, at scroll position 0.
  const resized = new ResizeObserver(() => {
    if (scroller.clientHeight > 0) settle();
  });
  resized.observe(scroller);
  signal.addEventListener("abort", () => resized.disconnect(), { once: true });

  return {
    get following() {
      return following;
    },
    /** To be called when the content has grown. */
    grown() {
      if (following) settle();
    },
    /** Go to the end, and stay there. */
    toEnd() {
      following = true;
      settle();
    },
    /**
     * Change what stands above without moving what is being read.
     *
     * @param {() => void} change
     */
    keepingPlace(change) {
      const fromEnd = scroller.scrollHeight - scroller.scrollTop;
      change();
      scroller.scrollTop = scroller.scrollHeight - fromEnd;
    },
  };
}
