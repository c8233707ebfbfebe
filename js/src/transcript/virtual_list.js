/**
 * A list of messages of which only some are mounted: a contiguous run, and any others in use. Gaps of the same height
 * stand for the rest.
 */

import { element } from "../dom/elements.js";

/** @import { createMessage } from "../message/message.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */

/** @typedef {ReturnType<typeof createMessage>} MessageView */

/** The space below each message in pixels, as in the stylesheet. */
const SPACING = 16;

/** The assumed height of a message in pixels, until one is measured. */
const GUESS = 120;

/** @typedef {Omit<MessageView, "update"> & { update: (message: ViewMessage) => void }} BoundView */
/** @typedef {BoundView & { id: string, role: string, index: number }} MountedView */

/** The mounted part of a list of messages. */
export class VirtualList {
  /** The run: from `start` up to, not including, `end`. */
  start = 0;
  end = 0;
  /** @type {readonly ViewMessage[]} */
  messages = [];
  #list;
  #create;
  #onGone;
  #first;
  #sizes;
  /** @type {Map<string, MountedView>} */
  #mounted = new Map();
  /** Messages that the user changed on the screen; they return as they were left. @type {Map<string, MountedView>} */
  #touched = new Map();
  /** @type {WeakMap<Element, MountedView>} */
  #owners = new WeakMap();
  /** The last measured heights, by index; 0 if unknown. @type {number[]} */
  #heights = [];
  #seen = 0;
  #total = 0;
  /** The gap before the run, and by how much it exceeds the height of the missing messages. */
  #room = element("div");
  #surplus = 0;
  #changed = false;

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {(message: ViewMessage) => BoundView} options.create
   * @param {(gone: BoundView) => void} options.onGone called for a message that was removed or replaced
   * @param {(missing: number) => HTMLElement} options.first returns the element before the run if messages are missing
   * @param {ResizeObserver} options.sizes observes the heights
   */
  constructor(list, { create, onGone, first, sizes }) {
    this.#list = list;
    this.#create = create;
    this.#onGone = onGone;
    this.#first = first;
    this.#sizes = sizes;
  }

  /** @returns {Iterable<MountedView>} */
  get mounted() {
    return this.#mounted.values();
  }

  /** @param {number} index */
  at(index) {
    return this.#mounted.get(this.messages[index]?.id ?? "");
  }

  /** Return the height of a message and the space below it, estimated if unknown. @param {number} index */
  height(index) {
    return this.#heights[index] || (this.#seen ? this.#total / this.#seen : GUESS);
  }

  /** Return the height of a range of messages. @type {(from: number, to: number) => number} */
  sum(from, to) {
    let sum = 0;
    for (let index = from; index < to; index++) sum += this.height(index);
    return sum;
  }

  /** @param {ResizeObserverEntry} entry */
  measured({ target, borderBoxSize }) {
    const index = this.#owners.get(target)?.index;
    if (index === undefined) return;
    const height = (borderBoxSize[0]?.blockSize ?? 0) + SPACING;
    const before = this.#heights[index] ?? 0;
    if (!before) this.#seen++;
    this.#total += height - before;
    this.#heights[index] = height;
  }

  /** Forget the heights, because the width has changed. */
  forgetHeights() {
    this.#heights.fill(0);
    this.#seen = this.#total = 0;
  }

  /** Keep a message that the user interacted with. @param {Element} target */
  touch(target) {
    const article = target.closest("article");
    const view = article && this.#owners.get(article);
    if (view) this.#touched.set(view.id, view);
  }

  /** Restart the run at an index. @param {number} index */
  jump(index) {
    this.start = this.end = index;
    this.#changed = true;
  }

  /** Mount one more message before the run. */
  mountPrevious() {
    this.#mount(--this.start);
  }

  /** Mount one more message after the run. */
  mountNext() {
    this.#mount(this.end++);
  }

  /** Unmount messages that are neither in a range nor in use. @type {(from: number, to: number) => void} */
  trim(from, to) {
    this.start = Math.max(this.start, from);
    this.end = Math.min(this.end, to);
    for (const view of this.#mounted.values()) {
      const isWithin = view.index >= this.start && view.index < this.end;
      if (!isWithin && !isInUse(view.element)) this.#unmount(view);
    }
  }

  /** Replace the list of messages. @param {readonly ViewMessage[]} messages */
  relist(messages) {
    this.#keepHeights(messages);
    this.messages = messages;
    for (const view of new Set([...this.#mounted.values(), ...this.#touched.values()])) {
      const now = messages[view.index];
      view.element.ariaSetSize = String(messages.length);
      if (now?.id === view.id && now.role === view.role) continue;
      this.#unmount(view);
      this.#touched.delete(view.id);
      this.#onGone(view);
    }
    this.end = Math.min(this.end, messages.length);
    this.start = Math.min(this.start, this.end);
    for (let index = this.start; index < this.end; index++) if (!this.at(index)) this.#mount(index);
    this.#changed = true;
  }

  /** Update the page. @returns {boolean} true if anything has changed */
  arrange() {
    const changed = this.#changed;
    if (changed) setChildren(this.#list, this.#arrangement());
    this.#changed = false;
    return changed;
  }

  /**
   * Take a shift of the run out of the gap before it.
   *
   * @param {number} shift
   * @returns {boolean} true if the gap was large enough
   */
  makeRoom(shift) {
    const height = this.#room.offsetHeight - shift;
    if (!this.#room.isConnected || height < 0) return false;
    this.#surplus -= shift;
    this.#room.style.height = `${height}px`;
    return true;
  }

  /** Give the gap before the run its exact height again. */
  clearRoom() {
    this.#changed ||= this.#surplus !== 0;
    this.#surplus = 0;
  }

  /** Keep the heights of messages that keep their index. @param {readonly ViewMessage[]} messages */
  #keepHeights(messages) {
    const heights = this.#heights;
    this.#heights = messages.map(({ id }, index) => (id === this.messages[index]?.id && heights[index]) || 0);
    this.#seen = this.#heights.filter(Boolean).length;
    this.#total = this.#heights.reduce((sum, height) => sum + height, 0);
  }

  /** @param {number} index */
  #mount(index) {
    const message = this.messages[index];
    if (!message) return;
    const { id, role } = message;
    const view = this.#mounted.get(id) ??
      this.#touched.get(id) ?? { ...this.#create(message), id, role, index };
    view.update(message);
    view.element.ariaPosInSet = String(index + 1);
    view.element.ariaSetSize = String(this.messages.length);
    this.#mounted.set(id, view);
    this.#owners.set(view.element, view);
    this.#sizes.observe(view.element);
    this.#changed = true;
  }

  /** @param {MountedView} view */
  #unmount(view) {
    this.#mounted.delete(view.id);
    this.#sizes.unobserve(view.element);
    this.#changed = true;
  }

  #arrangement() {
    if (this.start === 0) this.#surplus = 0;
    /** @type {HTMLElement[]} */
    const wanted = [];
    let next = 0;
    for (const { element, index } of [...this.mounted].sort((one, other) => one.index - other.index)) {
      if (index > next) wanted.push(this.#gap(next, index));
      if (index === this.start && index > 0) wanted.push(this.#first(index));
      wanted.push(element);
      next = index + 1;
    }
    if (next < this.messages.length) wanted.push(this.#gap(next, this.messages.length));
    return wanted;
  }

  /** @type {(from: number, to: number) => HTMLElement} */
  #gap(from, to) {
    const isRoom = to === this.start;
    const height = this.sum(from, to) + (isRoom ? this.#surplus : 0);
    const gap = element("div", { class: "chatwidget-gap" });
    gap.style.height = `${Math.max(0, height)}px`;
    if (isRoom) this.#room = gap;
    return gap;
  }
}

/**
 * Return true if the user would miss a message: it has the focus, an open editor, or part of the selection.
 *
 * @param {HTMLElement} article
 */
function isInUse(article) {
  const selection = article.ownerDocument.getSelection();
  const isSelected = selection?.isCollapsed === false && selection.containsNode(article, true);
  return isSelected || article.matches(":focus-within, :has(textarea)");
}

/**
 * Replace the children of an element. Those that stay are not moved, as they would lose the focus.
 *
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} children
 */
function setChildren(parent, children) {
  const staying = new Set(children);
  for (const child of [...parent.children]) {
    if (!(child instanceof HTMLElement && staying.has(child))) child.remove();
  }
  for (const [index, child] of children.entries()) {
    const there = parent.children[index] ?? null;
    if (there !== child) parent.insertBefore(child, there);
  }
}
