/** The messages, as far as they are in sight and some way around; they come and go as one scrolls. */

import { codeAction } from "../code/code_block.js";
import { delegate } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";
import { createMessage } from "../message/message.js";
import { createLatest } from "./jump_to_latest.js";
import { createPlace } from "./scroll_anchor.js";
import { MessageWindow } from "./virtual_list.js";

/** @import { Insert } from "../host/insert_cell.js" */
/** @import { Strings } from "../i18n/strings.js" */
/** @import { Commands, Context } from "../message/message_context.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */

/** How many messages are there on either side of those in sight, and how many more may stay. */
const MARGIN = 20;
const EXTRA = 6;

/** Milliseconds a frame has for those that are not in sight. */
const BUDGET = 6;

/** What is taken for in sight, in pixels, before there is a page to measure. */
const USUAL_HEIGHT = 600;

/**
 * @param {object} options
 * @param {Strings} options.strings
 * @param {Commands} options.commands
 * @param {Insert} [options.insert]
 * @param {HTMLElement[]} options.after what scrolls with the messages, below them
 * @param {(text: string) => void} options.onLost what was being written in a message that is gone
 * @param {AbortSignal} options.signal
 */
export function createTranscript({ strings, commands, insert, after, onLost, signal }) {
  const list = element("div", { class: "chatwidget-messages" });
  const empty = element("p", { class: "chatwidget-empty" }, strings.empty);
  const earlier = button("earlier", "");
  const scroller = createScroller(strings, list, empty, ...after);
  /** @type {(message: ViewMessage) => Context} */
  let contextOf;
  let lastId = "";
  let scrolling = false;
  let printing = false;
  let timer = 0;
  let width = 0;

  const resized = new ResizeObserver((entries) => {
    place.settle();
    if (scroller.clientHeight === 0) return;
    if (width !== list.clientWidth) shown.forgetHeights();
    width = list.clientWidth;
    for (const entry of entries) shown.measured(entry);
    latest.update(place.following);
    const { from, to } = reach();
    if (shown.start > from || shown.end < to) lookSoon();
  });

  const shown = new MessageWindow(list, {
    create: ({ role }) => {
      const made = createMessage(role, strings, commands);
      return { ...made, update: (message) => made.update(message, contextOf(message)) };
    },
    onGone: ({ unsent }) => {
      const text = unsent();
      if (text) onLost(text);
    },
    first: earlier,
    sizes: resized,
  });

  const place = createPlace(scroller, {
    list,
    makeRoom: (shift) => scrolling && shown.makeRoom(shift),
    onScroll: () => {
      scrolling = true;
      look();
    },
    signal,
  });

  /** What is in sight, and what is to be there for that. */
  const reach = () => {
    const seen = inSight(shown, place, scroller, list);
    const to = Math.min(shown.messages.length, seen.last + 1 + MARGIN);
    return { ...seen, from: Math.max(0, seen.first - MARGIN), to };
  };

  /** Mounts what is in sight, and as time allows what is around it; lets go of what is far away. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: mounting is yet to be apart from the transcript
  const look = () => {
    if (printing || !(place.following || scroller.clientHeight)) return;
    const { first, last, at, from, to } = reach();
    const isNew = first < shown.start || first >= shown.end;
    if (last < shown.start || first >= shown.end) shown.jump(first);
    while (shown.start > first) shown.up();
    while (shown.end <= last) shown.down();
    if (isNew) lookSoon();
    else fill(from, to);
    shown.trim(from - EXTRA, to + EXTRA);
    const anchor = shown.at(first)?.element;
    if (shown.arrange()) {
      earlier.textContent = strings.earlier(shown.start);
      if (isNew && anchor) place.holdTo({ element: anchor, at });
      place.settle();
    }
    latest.update(place.following);
  };

  const fill = (/** @type {number} */ from, /** @type {number} */ to) => {
    const deadline = performance.now() + BUDGET;
    while (shown.start > from || shown.end < to) {
      if (performance.now() > deadline) return lookSoon();
      if (shown.end < to) shown.down();
      if (shown.start > from) shown.up();
    }
  };

  /** In a task of its own: the frame that one scrolls in has enough to do. */
  const lookSoon = () => {
    timer ||= window.setTimeout(() => {
      timer = 0;
      look();
    });
  };

  const rest = () => {
    scrolling = false;
    shown.clearRoom();
    if (shown.arrange()) place.settle();
  };

  const print = (/** @type {boolean} */ starts) => {
    printing = starts;
    if (!printing) return look();
    while (shown.start > 0) shown.up();
    while (shown.end < shown.messages.length) shown.down();
    shown.arrange();
  };

  const toEnd = () => {
    place.follow();
    look();
    place.settle();
  };

  /** The page before what is there, for those who do not scroll. */
  const turnBack = () => {
    const run = shown.at(shown.start)?.element;
    if (!run) return;
    place.leaveFor(place.positionOf(run) - scroller.clientHeight);
    look();
    const first = shown.at(inSight(shown, place, scroller, list).first)?.element;
    if (!first) return;
    // Of the first in sight, no more than its edge may be.
    place.leaveFor(place.positionOf(first));
    first.setAttribute("tabindex", "-1");
    first.focus({ preventScroll: true });
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== scroller || event.altKey || event.shiftKey) return;
    if (event.key !== "Home" && event.key !== "End") return;
    // The browser would take its time, and see all that is between.
    event.preventDefault();
    if (event.key === "End") return toEnd();
    place.leaveFor(0);
    look();
  };

  const touched = (/** @type {Event} */ { target }) => {
    if (target instanceof Element) shown.touch(target);
  };

  const clicked = (/** @type {Event} */ { target }) => {
    if (target instanceof Element) void codeAction(target, { strings, insert, signal });
  };

  const latest = createLatest({
    strings,
    onClick: () => {
      toEnd();
      scroller.focus({ preventScroll: true });
    },
    signal,
  });

  delegate(list, signal);
  for (const type of ["click", "input"]) list.addEventListener(type, touched, { signal, capture: true });
  list.addEventListener("click", clicked, { signal });
  earlier.addEventListener("click", turnBack, { signal });
  scroller.addEventListener("keydown", pressed, { signal });
  scroller.addEventListener("scrollend", rest, { signal });
  window.addEventListener("beforeprint", () => print(true), { signal });
  window.addEventListener("afterprint", () => print(false), { signal });
  resized.observe(scroller);
  const end = () => {
    resized.disconnect();
    clearTimeout(timer);
  };
  signal.addEventListener("abort", end, { once: true });

  return {
    element: element("div", { class: "chatwidget-reading" }, scroller, latest.element),
    toEnd,

    /** What is being written in messages. */
    get edited() {
      return Array.from(shown.mounted, ({ unsent }) => unsent())
        .filter(Boolean)
        .join("\n\n");
    },

    find: (/** @type {string} */ id) => [...shown.mounted].find((made) => made.id === id),

    /** Write the last question anew. */
    editLast() {
      const index = shown.messages.findLastIndex(({ role }) => role === "user");
      if (index < 0) return;
      place.follow();
      look();
      while (shown.start > index) shown.up();
      shown.arrange();
      shown.at(index)?.edit();
    },

    /**
     * @param {readonly ViewMessage[]} messages
     * @param {object} what
     * @param {ReadonlySet<string>} what.ids the messages that changed
     * @param {boolean} what.list whether messages came or went
     * @param {boolean} what.state whether what is shown with messages may have changed
     * @param {(message: ViewMessage) => Context} what.contextOf
     */
    paint(messages, { ids, list: hasChanged, state, contextOf: context }) {
      contextOf = context;
      const last = messages.at(-1)?.id ?? "";
      if (hasChanged) {
        shown.relist(messages);
        list.hidden = messages.length === 0;
        empty.hidden = !list.hidden;
      }
      for (const { id, index, update } of shown.mounted) {
        const message = messages[index];
        if (message && (state || ids.has(id) || id === last || id === lastId)) update(message);
      }
      lastId = last;
      if (ids.size > 0) latest.tell();
      if (hasChanged) look();
      place.settle();
      latest.update(place.following);
    },
  };
}

/**
 * Which messages are in sight, and where the first of them is.
 *
 * @param {MessageWindow} shown
 * @param {ReturnType<typeof createPlace>} place
 * @param {HTMLElement} scroller
 * @param {HTMLElement} list
 */
function inSight(shown, place, scroller, list) {
  const height = scroller.clientHeight || USUAL_HEIGHT;
  const end = shown.messages.length - 1;
  if (place.following) {
    let first = end + 1;
    for (let rest = height; first > 0 && rest > 0; ) rest -= shown.height(--first);
    return { first, last: end, at: 0 };
  }
  const top = scroller.scrollTop;
  const known = shown.at(shown.start)?.element;
  let [first, at] = known ? [shown.start, place.positionOf(known)] : [0, place.positionOf(list)];
  if (at > top) {
    // What is missing is as high as the gap that stands for it, whatever has been learnt since.
    const scale = (at - place.positionOf(list)) / shown.sum(0, first);
    while (first > 0 && at > top) at -= scale * shown.height(--first);
  }
  while (first < end && at + shown.height(first) <= top) at += shown.height(first++);
  let last = first;
  for (let bottom = at + shown.height(first); last < end && bottom < top + height; )
    bottom += shown.height(++last);
  return { first, last, at };
}

/**
 * @param {Strings} strings
 * @param {HTMLElement[]} content
 */
function createScroller(strings, ...content) {
  const scroller = element(
    "div",
    { class: "chatwidget-transcript", role: "region", tabindex: "0" },
    ...content,
  );
  scroller.setAttribute("aria-label", strings.conversation);
  return scroller;
}
