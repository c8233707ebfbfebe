/** Keeps on the page the messages in sight and, as time allows, some around them. */

import { after } from "../dom/timer.js";

/** @import { createScrollAnchor } from "./scroll_anchor.js" */
/** @import { MessageWindow } from "./virtual_list.js" */

/** How many messages are there on either side of those in sight, and how many more may stay. */
const MARGIN = 20;
const EXTRA = 6;

/** Milliseconds a frame has for those that are not in sight. */
const BUDGET = 6;

/** What is taken for in sight, in pixels, before there is a page to measure. */
const USUAL_HEIGHT = 600;

/** @typedef {Pick<MessageWindow, keyof MessageWindow>} Shown */
/** @typedef {Pick<ReturnType<typeof createScrollAnchor>, "following" | "positionOf" | "holdTo" | "settle">} Place */
/** @typedef {{ first: number, last: number, at: number }} Sight the messages in sight, and where the first begins */

export class Mounting {
  #scroller;
  #list;
  #shown;
  #place;
  #onUpdate;
  #signal;
  #width = 0;
  #isDue = false;
  #isPrinting = false;

  /**
   * @param {object} options
   * @param {HTMLElement} options.scroller
   * @param {HTMLElement} options.list the messages' parent, below the scroller
   * @param {Shown} options.shown
   * @param {Place} options.place
   * @param {() => void} options.onUpdate called when the reader may be elsewhere
   * @param {AbortSignal} options.signal
   */
  constructor({ scroller, list, shown, place, onUpdate, signal }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#shown = shown;
    this.#place = place;
    this.#onUpdate = onUpdate;
    this.#signal = signal;
  }

  /** Mount what is in sight, and as time allows what is around it; let go of what is far away. */
  update() {
    if (this.#isPrinting || !(this.#place.following || this.#scroller.clientHeight)) return;
    const sight = this.sight();
    const { from, to } = this.#around(sight);
    const isNew = this.#mount(sight);
    if (isNew) this.#updateSoon();
    else this.#fill(from, to);
    this.#shown.trim(from - EXTRA, to + EXTRA);
    const anchor = this.#shown.at(sight.first)?.element;
    if (this.#shown.arrange()) {
      if (isNew && anchor) this.#place.holdTo({ element: anchor, at: sight.at });
      this.#place.settle();
    }
    this.#onUpdate();
  }

  /** Mount all down from a message, beyond what is in sight. @param {number} index */
  reach(index) {
    while (this.#shown.start > index) this.#shown.up();
    this.#shown.arrange();
  }

  /** Mount all messages before they are printed, and only some again afterwards. @param {boolean} starts */
  print(starts) {
    this.#isPrinting = starts;
    if (!starts) return this.update();
    while (this.#shown.end < this.#shown.messages.length) this.#shown.down();
    this.reach(0);
  }

  /** Take in sizes that changed. @param {readonly ResizeObserverEntry[]} entries */
  resized(entries) {
    this.#place.settle();
    if (this.#scroller.clientHeight === 0) return;
    if (this.#width !== this.#list.clientWidth) this.#shown.forgetHeights();
    this.#width = this.#list.clientWidth;
    for (const entry of entries) this.#shown.measured(entry);
    this.#onUpdate();
    const { from, to } = this.#around(this.sight());
    if (this.#shown.start > from || this.#shown.end < to) this.#updateSoon();
  }

  /** @returns {Sight} */
  sight() {
    const [shown, place] = [this.#shown, this.#place];
    const height = this.#scroller.clientHeight || USUAL_HEIGHT;
    const end = shown.messages.length - 1;
    if (place.following) {
      let first = end + 1;
      for (let rest = height; first > 0 && rest > 0; ) rest -= shown.height(--first);
      return { first, last: end, at: 0 };
    }
    const top = this.#scroller.scrollTop;
    let { first, at } = this.#firstInSight(top);
    while (first < end && at + shown.height(first) <= top) at += shown.height(first++);
    let last = first;
    for (let bottom = at + shown.height(first); last < end && bottom < top + height; )
      bottom += shown.height(++last);
    return { first, last, at };
  }

  /** Return a message that begins above a position, or the first of all, and where it begins. @param {number} top */
  #firstInSight(top) {
    const shown = this.#shown;
    const start = this.#place.positionOf(this.#list);
    const known = shown.at(shown.start)?.element;
    let [first, at] = known ? [shown.start, this.#place.positionOf(known)] : [0, start];
    if (at > top) {
      // What is missing is as high as the gap that stands for it, whatever has been learnt since.
      const scale = (at - start) / shown.sum(0, first);
      while (first > 0 && at > top) at -= scale * shown.height(--first);
    }
    return { first, at };
  }

  /** @param {Sight} sight */
  #around({ first, last }) {
    return {
      from: Math.max(0, first - MARGIN),
      to: Math.min(this.#shown.messages.length, last + 1 + MARGIN),
    };
  }

  /** Mount what is in sight. Returns true if the first of it was not there. @param {Sight} sight */
  #mount({ first, last }) {
    const shown = this.#shown;
    const isNew = first < shown.start || first >= shown.end;
    if (last < shown.start || first >= shown.end) shown.jump(first);
    while (shown.start > first) shown.up();
    while (shown.end <= last) shown.down();
    return isNew;
  }

  /** @type {(from: number, to: number) => void} */
  #fill(from, to) {
    const shown = this.#shown;
    const deadline = performance.now() + BUDGET;
    while (shown.start > from || shown.end < to) {
      if (performance.now() > deadline) return this.#updateSoon();
      if (shown.end < to) shown.down();
      if (shown.start > from) shown.up();
    }
  }

  /** Update in a task of its own: the frame that one scrolls in has enough to do. */
  #updateSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    const update = () => {
      this.#isDue = false;
      this.update();
    };
    after(0, update, this.#signal);
  }
}
