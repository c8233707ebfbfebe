/** Mounts the messages in sight and, as time allows, some around them. */

import { startTimer } from "../dom/timer.js";

/** @import { createScrollAnchor } from "./scroll_anchor.js" */
/** @import { VirtualList } from "./virtual_list.js" */

/** How many messages are mounted on either side of those in sight, and how many more may stay mounted. */
const MARGIN = 20;
const EXTRA = 6;

/** Milliseconds of a frame for mounting messages that are not in sight. */
const BUDGET = 6;

/** The assumed height of the scroller, in pixels, before it can be measured. */
const USUAL_HEIGHT = 600;

/** @typedef {Pick<VirtualList, keyof VirtualList>} List */
/** @typedef {Pick<ReturnType<typeof createScrollAnchor>, "following" | "positionOf" | "leaveFor" | "holdTo" | "settle">} ScrollAnchor */
/** @typedef {{ first: number, last: number, at: number }} Sight the messages in sight, and the position of the first */

/** The mounted range of one virtual list. */
export class Mounting {
  #scroller;
  #list;
  #virtualList;
  #scrollAnchor;
  #onUpdate;
  #signal;
  #width = 0;
  #isDue = false;
  #isPrinting = false;

  /**
   * @param {object} options
   * @param {HTMLElement} options.scroller
   * @param {HTMLElement} options.list the messages' parent, below the scroller
   * @param {List} options.virtualList
   * @param {ScrollAnchor} options.scrollAnchor
   * @param {() => void} options.onUpdate called when the reader's position may have changed
   * @param {AbortSignal} options.signal
   */
  constructor({ scroller, list, virtualList, scrollAnchor, onUpdate, signal }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#virtualList = virtualList;
    this.#scrollAnchor = scrollAnchor;
    this.#onUpdate = onUpdate;
    this.#signal = signal;
  }

  /** Mount the messages in sight and, as time allows, those around them; unmount those far away. */
  update() {
    if (this.#isPrinting || !(this.#scrollAnchor.following || this.#scroller.clientHeight)) return;
    const sight = this.sight();
    const { from, to } = this.#around(sight);
    const isNew = this.#mount(sight);
    if (isNew) this.#updateSoon();
    else this.#fill(from, to);
    this.#virtualList.trim(from - EXTRA, to + EXTRA);
    const firstElement = this.#virtualList.at(sight.first)?.element;
    if (this.#virtualList.arrange()) {
      if (isNew && firstElement) this.#scrollAnchor.holdTo({ element: firstElement, at: sight.at });
      this.#scrollAnchor.settle();
    }
    this.#onUpdate();
  }

  /** Mount all messages from an index on. @param {number} index */
  reach(index) {
    while (this.#virtualList.start > index) this.#virtualList.mountPrevious();
    this.#virtualList.arrange();
  }

  /** Mount a message and scroll to it. @param {number} index */
  show(index) {
    const virtualList = this.#virtualList;
    if (!virtualList.messages[index]) return undefined;
    if (index < virtualList.start || index >= virtualList.end) {
      virtualList.jump(index);
      virtualList.mountNext();
    }
    // What comes before it may be in sight too: a place in a gap cannot be held while messages fill it.
    const height = this.#scroller.clientHeight;
    while (virtualList.start > 0 && virtualList.sum(virtualList.start, index) < height)
      virtualList.mountPrevious();
    virtualList.arrange();
    const element = virtualList.at(index)?.element;
    if (element) this.leaveFor(this.#scrollAnchor.positionOf(element));
    return element;
  }

  /** Leave the end for a position, and mount what is in sight there. @param {number} position */
  leaveFor(position) {
    this.#scrollAnchor.leaveFor(position);
    this.update();
  }

  /** Mount all messages for printing, and only those in sight again afterwards. @param {boolean} starts */
  print(starts) {
    this.#isPrinting = starts;
    if (!starts) return this.update();
    while (this.#virtualList.end < this.#virtualList.messages.length) this.#virtualList.mountNext();
    this.reach(0);
  }

  /** Record changed sizes. @param {readonly ResizeObserverEntry[]} entries */
  resized(entries) {
    this.#scrollAnchor.settle();
    if (this.#scroller.clientHeight === 0) return;
    if (this.#width !== this.#list.clientWidth) this.#virtualList.forgetHeights();
    this.#width = this.#list.clientWidth;
    for (const entry of entries) this.#virtualList.measured(entry);
    this.#onUpdate();
    const { from, to } = this.#around(this.sight());
    if (this.#virtualList.start > from || this.#virtualList.end < to) this.#updateSoon();
  }

  /** @returns {Sight} */
  sight() {
    const [virtualList, scrollAnchor] = [this.#virtualList, this.#scrollAnchor];
    const height = this.#scroller.clientHeight || USUAL_HEIGHT;
    const end = virtualList.messages.length - 1;
    if (scrollAnchor.following) {
      let first = end + 1;
      for (let rest = height; first > 0 && rest > 0; ) rest -= virtualList.height(--first);
      return { first, last: end, at: 0 };
    }
    const top = this.#scroller.scrollTop;
    let { first, at } = this.#firstInSight(top);
    while (first < end && at + virtualList.height(first) <= top) at += virtualList.height(first++);
    let last = first;
    for (let bottom = at + virtualList.height(first); last < end && bottom < top + height; )
      bottom += virtualList.height(++last);
    return { first, last, at };
  }

  /** Return a message that begins above a position, or the first, and the position of its start. @param {number} top */
  #firstInSight(top) {
    const virtualList = this.#virtualList;
    const start = this.#scrollAnchor.positionOf(this.#list);
    const known = virtualList.at(virtualList.start)?.element;
    let [first, at] = known ? [virtualList.start, this.#scrollAnchor.positionOf(known)] : [0, start];
    if (at > top) {
      // The missing messages are as high as the gap in their place, whatever heights were measured since.
      const scale = (at - start) / virtualList.sum(0, first);
      while (first > 0 && at > top) at -= scale * virtualList.height(--first);
    }
    return { first, at };
  }

  /** @param {Sight} sight */
  #around({ first, last }) {
    return {
      from: Math.max(0, first - MARGIN),
      to: Math.min(this.#virtualList.messages.length, last + 1 + MARGIN),
    };
  }

  /** Mount the messages in sight. Return true if the first was not mounted. @param {Sight} sight */
  #mount({ first, last }) {
    const virtualList = this.#virtualList;
    const isNew = first < virtualList.start || first >= virtualList.end;
    if (last < virtualList.start || first >= virtualList.end) virtualList.jump(first);
    while (virtualList.start > first) virtualList.mountPrevious();
    while (virtualList.end <= last) virtualList.mountNext();
    return isNew;
  }

  /** @type {(from: number, to: number) => void} */
  #fill(from, to) {
    const virtualList = this.#virtualList;
    const deadline = performance.now() + BUDGET;
    while (virtualList.start > from || virtualList.end < to) {
      if (performance.now() > deadline) return this.#updateSoon();
      if (virtualList.end < to) virtualList.mountNext();
      if (virtualList.start > from) virtualList.mountPrevious();
    }
  }

  /** Update in a task of its own: the frame that scrolls has enough to do. */
  #updateSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    const update = () => {
      this.#isDue = false;
      this.update();
    };
    startTimer(0, update, this.#signal);
  }
}
