/** The transcript: a virtual list of messages that mounts those in sight. */

import { handleCodeBlockClick } from "../code/code_block.js";
import { delegate } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";
import { createMessage } from "../message/message.js";
import { Find } from "./find.js";
import { createJumpToLatest } from "./jump_to_latest.js";
import { Mounting } from "./mounting.js";
import { createScrollAnchor } from "./scroll_anchor.js";
import { VirtualList } from "./virtual_list.js";

/** @import { Insert } from "../host/insert_cell.js" */
/** @import { Strings } from "../i18n/strings.js" */
/** @import { Commands, Context } from "../message/message_context.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */

/**
 * Create the transcript.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {Commands} options.commands
 * @param {Insert} [options.insert]
 * @param {HTMLElement[]} options.after elements below the messages that scroll with them
 * @param {(text: string) => void} options.onLost called with the unsent edit of a message that was removed
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
  let isScrolling = false;

  const sizes = new ResizeObserver((entries) => mounting.resized(entries));

  const virtualList = new VirtualList(list, {
    create: ({ role }) => {
      const view = createMessage(role, strings, commands);
      return { ...view, update: (message) => view.update(message, contextOf(message)) };
    },
    onGone: ({ unsent }) => {
      const text = unsent();
      if (text) onLost(text);
    },
    first: (missing) => {
      earlier.textContent = strings.earlier(missing);
      return earlier;
    },
    sizes,
  });

  const scrollAnchor = createScrollAnchor(scroller, {
    list,
    makeRoom: (shift) => isScrolling && virtualList.makeRoom(shift),
    onScroll: () => {
      isScrolling = true;
      mounting.update();
    },
    signal,
  });

  const mounting = new Mounting({
    scroller,
    list,
    virtualList,
    scrollAnchor,
    onUpdate: () => latest.update(scrollAnchor.following),
    signal,
  });

  const afterScrolling = () => {
    isScrolling = false;
    virtualList.clearRoom();
    if (virtualList.arrange()) scrollAnchor.settle();
  };

  const toEnd = () => {
    scrollAnchor.follow();
    mounting.update();
    scrollAnchor.settle();
  };

  /** Go back a page, for readers who do not scroll. */
  const pageBack = () => {
    const run = virtualList.at(virtualList.start)?.element;
    if (!run) return;
    mounting.leaveFor(scrollAnchor.positionOf(run) - scroller.clientHeight);
    const first = virtualList.at(mounting.sight().first)?.element;
    if (!first) return;
    // Only the edge of the first message may be in sight.
    scrollAnchor.leaveFor(scrollAnchor.positionOf(first));
    first.setAttribute("tabindex", "-1");
    first.focus({ preventScroll: true });
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== scroller || event.altKey || event.shiftKey) return;
    if (event.key !== "Home" && event.key !== "End") return;
    // The browser would scroll smoothly, through every message in between.
    event.preventDefault();
    if (event.key === "End") return toEnd();
    mounting.leaveFor(0);
  };

  const touched = (/** @type {Event} */ { target }) => {
    if (target instanceof Element) virtualList.touch(target);
  };

  const clicked = (/** @type {Event} */ { target }) => {
    if (target instanceof Element) void handleCodeBlockClick(target, { strings, insert, signal });
  };

  const latest = createJumpToLatest({
    strings,
    onClick: () => {
      toEnd();
      scroller.focus({ preventScroll: true });
    },
    signal,
  });

  const find = new Find(
    strings,
    {
      scroller,
      list,
      messages: () => virtualList.messages,
      contextOf: (message) => contextOf(message),
      mounted: () => virtualList.mounted,
      firstInSight: () => mounting.sight().first,
      show: (index) => mounting.show(index),
      scrollTo(range) {
        showWithin(range, scroller);
        mounting.leaveFor(scrollAnchor.positionOf(range) - scroller.clientHeight / 3);
      },
    },
    signal,
  );

  delegate(list, signal);
  for (const type of ["click", "input"]) list.addEventListener(type, touched, { signal, capture: true });
  list.addEventListener("click", clicked, { signal });
  earlier.addEventListener("click", pageBack, { signal });
  scroller.addEventListener("keydown", pressed, { signal });
  scroller.addEventListener("scrollend", afterScrolling, { signal });
  window.addEventListener("beforeprint", () => mounting.print(true), { signal });
  window.addEventListener("afterprint", () => mounting.print(false), { signal });
  sizes.observe(scroller);
  signal.addEventListener("abort", () => sizes.disconnect(), { once: true });

  return {
    element: element("div", { class: "chatwidget-reading" }, scroller, latest.element),
    find,
    toEnd,
    hold: scrollAnchor.hold,

    /** The unsent edits in messages. */
    get edited() {
      return Array.from(virtualList.mounted, ({ unsent }) => unsent())
        .filter(Boolean)
        .join("\n\n");
    },

    viewOf: (/** @type {string} */ id) => [...virtualList.mounted].find((view) => view.id === id),

    /** Edit the last question. */
    editLast() {
      const index = virtualList.messages.findLastIndex(({ role }) => role === "user");
      if (index < 0) return;
      scrollAnchor.follow();
      mounting.update();
      mounting.reach(index);
      virtualList.at(index)?.edit();
    },

    /**
     * @param {readonly ViewMessage[]} messages
     * @param {object} change
     * @param {ReadonlySet<string>} change.ids ids of the messages that changed
     * @param {boolean} change.list true if messages were added or removed
     * @param {boolean} change.state true if the context of messages may have changed
     * @param {(message: ViewMessage) => Context} change.contextOf
     */
    paint(messages, { ids, list: hasChanged, state, contextOf: context }) {
      contextOf = context;
      const last = messages.at(-1)?.id ?? "";
      if (hasChanged) {
        virtualList.relist(messages);
        list.hidden = messages.length === 0;
        empty.hidden = !list.hidden;
      }
      for (const { id, index, update } of virtualList.mounted) {
        const message = messages[index];
        if (message && (state || ids.has(id) || id === last || id === lastId)) update(message);
      }
      lastId = last;
      find.changed(hasChanged, ids);
      if (ids.size > 0) latest.notify();
      if (hasChanged) mounting.update();
      scrollAnchor.settle();
      latest.update(scrollAnchor.following);
    },
  };
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

/**
 * Scroll what scrolls inside the transcript, such as wide code, to a range.
 *
 * @param {Range} range
 * @param {HTMLElement} scroller
 */
function showWithin(range, scroller) {
  for (let at = range.startContainer.parentElement; at && at !== scroller; at = at.parentElement) {
    const [place, view] = [range.getBoundingClientRect(), at.getBoundingClientRect()];
    if (at.scrollHeight > at.clientHeight && (place.top < view.top || place.bottom > view.bottom))
      at.scrollTop += place.top - view.top - at.clientHeight / 3;
    if (at.scrollWidth > at.clientWidth && (place.left < view.left || place.right > view.right))
      at.scrollLeft += place.left - view.left - at.clientWidth / 3;
  }
}
