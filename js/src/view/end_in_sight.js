/**
 * Keeps the end of the view in sight as the view grows: while it has the focus, and when it needs the user. The container
 * that scrolls is the host's, so it stays where it is if the user scrolled the end away or types elsewhere.
 */

/** How far, in pixels, the end may be below the edge and still count as in sight. */
const NEAR = 32;

/**
 * @param {HTMLElement} root
 * @param {object} options
 * @param {HTMLElement} options.end the last element of the view
 * @param {AbortSignal} options.signal
 */
export function createEndInSight(root, { end, signal }) {
  /** True if the end came into sight, and the user has not scrolled it away: growing does not change it. */
  let isFollowed = false;
  /** The height that `reveal` last saw, in pixels. */
  let height = 0;
  let isElsewhere = false;
  let isBusy = false;
  let needsUser = false;

  const isWanted = () =>
    root.matches(":focus-within") ? !root.querySelector(":popover-open") : needsUser && !isElsewhere;
  const reveal = () => {
    height = root.getBoundingClientRect().height;
    // In full window nothing of the host is in sight.
    if (isFollowed && isWanted() && !root.matches(":popover-open"))
      end.scrollIntoView({ block: "nearest", behavior: "instant" });
  };
  // The event of a scroll comes a frame late: what the view has grown by then is not scrolled away.
  const scrolled = (/** @type {Event} */ { target }) => {
    if (target instanceof Node && target !== root && target.contains(root))
      isFollowed = isInSight(root.getBoundingClientRect().top + height, target);
  };
  const typed = (/** @type {Event} */ event) => {
    if (!event.composedPath().includes(root)) isElsewhere = true;
  };

  const sight = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) isFollowed = true;
  });
  const sizes = new ResizeObserver(reveal);
  sight.observe(end);
  sizes.observe(root);
  document.addEventListener("scroll", scrolled, { signal, capture: true, passive: true });
  document.addEventListener("input", typed, { signal, capture: true, passive: true });
  signal.addEventListener(
    "abort",
    () => {
      sight.disconnect();
      sizes.disconnect();
    },
    { once: true },
  );

  return {
    /**
     * @param {object} state
     * @param {boolean} state.busy true while a turn runs
     * @param {boolean} state.asks true while a tool call waits for approval
     */
    update({ busy, asks }) {
      // Users type a cell that asks, then run it: only typing during the turn means that they are elsewhere.
      if (busy && !isBusy) isElsewhere = false;
      const isNew = asks && !needsUser;
      [isBusy, needsUser] = [busy, asks];
      if (isNew) reveal();
    },
  };
}

/**
 * Return true if a lower edge is within the container that scrolls it, or just below.
 *
 * @param {number} bottom in pixels from the top of the window
 * @param {Node} container
 */
function isInSight(bottom, container) {
  const edges =
    container instanceof Element ? container.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  return bottom > edges.top && bottom <= edges.bottom + NEAR;
}
