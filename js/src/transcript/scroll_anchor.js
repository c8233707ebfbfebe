/**
 * Keeps the reader's place in a scrolling element: either its end, followed as it grows, or an element that stays in
 * place whatever changes above and below. The browsers' own scroll anchoring ignores elements that are added and
 * removed.
 */

/** How close to the end, in pixels, scrolling down counts as reaching it. */
const NEAR = 32;

/** How deep below the list the anchor is sought: a message, its text, a block of it, an item of that. */
const DEPTH = 5;

/** Milliseconds for which scrolling may go on after the user's input. */
const LATELY = 1000;

/** Elements that open or close something below them, which the user then wants to see. */
const TOGGLE = "summary, [aria-expanded], [aria-pressed]";

/** @typedef {{ element: Element, at: number }} Anchor an element, and its distance from the top of the content */

/**
 * Create the anchor of a scrolling element.
 *
 * @param {HTMLElement} scroller
 * @param {object} options
 * @param {HTMLElement} options.list holds the content, below the scroller
 * @param {(shift: number) => boolean} options.makeRoom takes a shift of the content out of the empty space above it, if
 *     there is enough: unlike scrolling back, this does not stop a wheel or a finger in motion
 * @param {() => void} options.onScroll
 * @param {AbortSignal} options.signal
 */
export function createScrollAnchor(scroller, { list, makeRoom, onScroll, signal }) {
  let following = true;
  /** The wanted and the last seen scroll position: they differ while the content is too short. */
  let top = 0;
  let seen = 0;
  /** The height of the content when the place was last restored. */
  let settledHeight = 0;
  let away = false;
  let isChanging = false;
  let isHeld = false;
  let actedAt = Number.NEGATIVE_INFINITY;
  /** From the innermost outwards, as inner elements may be replaced. @type {Anchor[]} */
  let anchors = [];

  /**
   * Return true if a scroll was meant. Find-in-page and assistive technology scroll without any input. Content that shrinks
   * and grows within a frame causes the same events, but seldom gets the same height again.
   */
  const isMeant = () =>
    isHeld || performance.now() - actedAt < LATELY || scroller.scrollHeight === settledHeight;
  const noteInput = () => {
    actedAt = performance.now();
  };
  const press = () => {
    isHeld = true;
  };
  const release = () => {
    if (isHeld) noteInput();
    isHeld = false;
  };

  const isShown = () => scroller.clientHeight > 0;
  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  const positionOf = (/** @type {Element | Range} */ place) =>
    place.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;

  const scrollTo = (/** @type {number} */ position) => {
    if (Math.abs(scroller.scrollTop - position) >= 1) scroller.scrollTop = position;
    top = seen = scroller.scrollTop;
    settledHeight = scroller.scrollHeight;
  };

  const captureAnchors = () => {
    const elements = pathTo(list, scroller.getBoundingClientRect().top);
    anchors = elements.map((element) => ({ element, at: positionOf(element) }));
  };

  /**
   * Detect scrolling that no event has reported yet. Content that became too short scrolls by itself, to its end.
   *
   * @returns {boolean} true if the reader scrolled
   */
  const detectScroll = () => {
    const moved = scroller.scrollTop - seen;
    seen += moved;
    if (moved === 0 || (moved < 0 && fromEnd() <= 1)) return false;
    following = moved > 0 ? following || fromEnd() < NEAR : following && !isMeant();
    top = seen;
    return true;
  };

  const restoreAnchor = () => {
    // Skip anchors that were removed or hidden.
    const anchor = anchors.find(({ element }) => element.getClientRects().length > 0);
    const shift = anchor ? positionOf(anchor.element) - anchor.at : 0;
    scrollTo(Math.abs(shift) < 1 || makeRoom(shift) ? top : top + shift);
    following = fromEnd() <= 1;
    captureAnchors();
  };

  const scrolled = () => {
    if (away) return;
    if (detectScroll()) captureAnchors();
    onScroll();
  };

  const toggled = (/** @type {Event} */ { target }) => {
    if (!(target instanceof Element && target.closest(TOGGLE))) return;
    following = false;
    captureAnchors();
  };

  for (const type of ["wheel", "touchmove", "keydown", "focusin"]) {
    scroller.addEventListener(type, noteInput, { signal, passive: true });
  }
  scroller.addEventListener("pointerdown", press, { signal });
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, release, { signal });
  scroller.addEventListener("scroll", scrolled, { signal, passive: true });
  scroller.addEventListener("click", toggled, { signal, capture: true });

  return {
    positionOf,

    get following() {
      return following;
    },

    /** Follow the end from now on. */
    follow() {
      following = true;
      // Earlier input no longer counts as scrolling.
      actedAt = Number.NEGATIVE_INFINITY;
    },

    /** Keep an element at a position. @param {Anchor} anchor */
    holdTo(anchor) {
      anchors = [anchor];
    },

    /** Leave the end and scroll to a position. @param {number} position */
    leaveFor(position) {
      following = false;
      scrollTo(position);
      captureAnchors();
    },

    /** Call it before changing the content: from here to `settle`, only the browser scrolls, where it gets too short. */
    hold() {
      if (away || !isShown()) return;
      if (detectScroll()) captureAnchors();
      isChanging = true;
    },

    /** Restore the reader's place; call it after any change of the content. */
    settle() {
      // A notebook hides cells, or removes them and puts them back with scroll position 0.
      if (!isShown()) away = true;
      if (!isShown()) return;
      if (!away && !isChanging) detectScroll();
      away = isChanging = false;
      if (following) scrollTo(scroller.scrollHeight - scroller.clientHeight);
      else restoreAnchor();
    },
  };
}

/**
 * Return the elements at a height of the screen, innermost first, or the first one below it.
 *
 * @param {Element} list
 * @param {number} edge
 */
function pathTo(list, edge) {
  /** @type {Element[]} */
  const path = [];
  for (let at = list; path.length < DEPTH; ) {
    const child = firstBelow(at.children, edge);
    if (!child) break;
    path.unshift(child);
    if (child.getBoundingClientRect().top >= edge) break;
    at = child;
  }
  return path;
}

/**
 * Return the first child that is not wholly above an edge. Children are in order; some are hidden, or a pixel for
 * screen readers.
 *
 * @param {HTMLCollection} children
 * @param {number} edge
 */
function firstBelow(children, edge) {
  /** @type {Element | undefined} */
  let first;
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    let index = middle;
    while (index < high && (children[index]?.getBoundingClientRect().height ?? 0) <= 1) index++;
    const child = children[index];
    if (index === high || !child) high = middle;
    else if (child.getBoundingClientRect().bottom > edge) [first, high] = [child, middle];
    else low = index + 1;
  }
  return first;
}
