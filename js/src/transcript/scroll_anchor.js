/**
 * Where the reader of a scrolling element is: at its end, and staying there as it grows; or at something that stays where
 * it is, whatever happens above and below. Browsers that do the latter themselves do not do it for what comes and goes.
 */

/** How near the end, in pixels, scrolling down counts as there. */
const NEAR = 32;

/** How deep below the list what is being read is looked for: a message, its text, a block of it, an item of that. */
const DEPTH = 5;

/** Milliseconds for which what a person did may go on scrolling. */
const LATELY = 1000;

/** What opens or closes something below itself, which then is what a person wants to see. */
const TOGGLE = "summary, [aria-expanded], [aria-pressed]";

/** @typedef {{ element: Element, at: number }} Anchor an element, and how far it was from where all begins */

/**
 * @param {HTMLElement} scroller
 * @param {object} options
 * @param {HTMLElement} options.list what is being read, below the scroller
 * @param {(shift: number) => boolean} options.makeRoom takes a shift of what is being read out of the empty space
 *     above it, if it can: unlike scrolling back, this does not stop a wheel or a finger under way
 * @param {() => void} options.onScroll
 * @param {AbortSignal} options.signal
 */
export function createScrollAnchor(scroller, { list, makeRoom, onScroll, signal }) {
  let following = true;
  /** Where it is to be, and where it was last seen: that may differ while it is too short. */
  let top = 0;
  let seen = 0;
  let away = false;
  let isHeld = false;
  let actedAt = Number.NEGATIVE_INFINITY;
  /** From the innermost, as that may be replaced. @type {Anchor[]} */
  let anchors = [];

  /** Whether a person may be scrolling: what becomes too short and grows again in one frame looks just the same. */
  const isReader = () => isHeld || performance.now() - actedAt < LATELY;
  const acted = () => {
    actedAt = performance.now();
  };
  const grip = () => {
    isHeld = true;
  };
  const letGo = () => {
    if (isHeld) acted();
    isHeld = false;
  };

  const isShown = () => scroller.clientHeight > 0;
  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  const positionOf = (/** @type {Element} */ element) =>
    element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;

  const scrollTo = (/** @type {number} */ position) => {
    if (Math.abs(scroller.scrollTop - position) >= 1) scroller.scrollTop = position;
    top = seen = scroller.scrollTop;
  };

  const hold = () => {
    const elements = pathTo(list, scroller.getBoundingClientRect().top);
    anchors = elements.map((element) => ({ element, at: positionOf(element) }));
  };

  /**
   * The reader may have scrolled, of which no event has told so far. What became too short scrolls by itself, to its end.
   *
   * @returns {boolean} whether it was the reader
   */
  const note = () => {
    const moved = scroller.scrollTop - seen;
    seen += moved;
    if (moved === 0 || (moved < 0 && fromEnd() <= 1)) return false;
    following = moved > 0 ? following || fromEnd() < NEAR : following && !isReader();
    top = seen;
    return true;
  };

  const stay = () => {
    // Not one that is gone or hidden by now.
    const anchor = anchors.find(({ element }) => element.getClientRects().length > 0);
    const shift = anchor ? positionOf(anchor.element) - anchor.at : 0;
    scrollTo(Math.abs(shift) < 1 || makeRoom(shift) ? top : top + shift);
    following = fromEnd() <= 1;
    hold();
  };

  const scrolled = () => {
    if (away) return;
    if (note()) hold();
    onScroll();
  };

  const toggled = (/** @type {Event} */ { target }) => {
    if (!(target instanceof Element && target.closest(TOGGLE))) return;
    following = false;
    hold();
  };

  for (const type of ["wheel", "touchmove", "keydown", "focusin"]) {
    scroller.addEventListener(type, acted, { signal, passive: true });
  }
  scroller.addEventListener("pointerdown", grip, { signal });
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, letGo, { signal });
  scroller.addEventListener("scroll", scrolled, { signal, passive: true });
  scroller.addEventListener("click", toggled, { signal, capture: true });

  return {
    positionOf,

    get following() {
      return following;
    },

    /** Be at the end from now on. */
    follow() {
      following = true;
      // What the person did last is this.
      actedAt = Number.NEGATIVE_INFINITY;
    },

    /** Be where an element is that belongs at a position. @param {Anchor} anchor */
    holdTo(anchor) {
      anchors = [anchor];
    },

    /** Be so far from where all begins. @param {number} position */
    leaveFor(position) {
      following = false;
      scrollTo(position);
      hold();
    },

    /** To be called when something has changed: go to where one is. */
    settle() {
      // A notebook hides cells, or takes them out of the page and puts them back, at scroll position 0.
      if (!isShown()) away = true;
      if (!isShown()) return;
      if (!away) note();
      away = false;
      if (following) scrollTo(scroller.scrollHeight - scroller.clientHeight);
      else stay();
    },
  };
}

/**
 * What stands at a height of the screen, from the innermost; or else what comes first below it.
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
 * The first that is not wholly above; they are ordered, and some are hidden or a pixel for screen readers.
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
