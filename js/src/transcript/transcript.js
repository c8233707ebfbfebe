/** The messages, as far as they are in sight and some way around; they come and go as one scrolls. */

import { handleCodeBlockClick } from "../code/code_block.js";
import { delegate } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";
import { createMessage } from "../message/message.js";
import { createJumpToLatest } from "./jump_to_latest.js";
import { Mounting } from "./mounting.js";
import { createScrollAnchor } from "./scroll_anchor.js";
import { VirtualList } from "./virtual_list.js";

/** @import { Insert } from "../host/insert_cell.js" */
/** @import { Strings } from "../i18n/strings.js" */
/** @import { Commands, Context } from "../message/message_context.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */

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

  const rest = () => {
    isScrolling = false;
    virtualList.clearRoom();
    if (virtualList.arrange()) scrollAnchor.settle();
  };

  const toEnd = () => {
    scrollAnchor.follow();
    mounting.update();
    scrollAnchor.settle();
  };

  /** The page before what is there, for those who do not scroll. */
  const turnBack = () => {
    const run = virtualList.at(virtualList.start)?.element;
    if (!run) return;
    scrollAnchor.leaveFor(scrollAnchor.positionOf(run) - scroller.clientHeight);
    mounting.update();
    const first = virtualList.at(mounting.sight().first)?.element;
    if (!first) return;
    // Of the first in sight, no more than its edge may be.
    scrollAnchor.leaveFor(scrollAnchor.positionOf(first));
    first.setAttribute("tabindex", "-1");
    first.focus({ preventScroll: true });
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== scroller || event.altKey || event.shiftKey) return;
    if (event.key !== "Home" && event.key !== "End") return;
    // The browser would take its time, and see all that is between.
    event.preventDefault();
    if (event.key === "End") return toEnd();
    scrollAnchor.leaveFor(0);
    mounting.update();
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

  delegate(list, signal);
  for (const type of ["click", "input"]) list.addEventListener(type, touched, { signal, capture: true });
  list.addEventListener("click", clicked, { signal });
  earlier.addEventListener("click", turnBack, { signal });
  scroller.addEventListener("keydown", pressed, { signal });
  scroller.addEventListener("scrollend", rest, { signal });
  window.addEventListener("beforeprint", () => mounting.print(true), { signal });
  window.addEventListener("afterprint", () => mounting.print(false), { signal });
  sizes.observe(scroller);
  signal.addEventListener("abort", () => sizes.disconnect(), { once: true });

  return {
    element: element("div", { class: "chatwidget-reading" }, scroller, latest.element),
    toEnd,

    /** What is being written in messages. */
    get edited() {
      return Array.from(virtualList.mounted, ({ unsent }) => unsent())
        .filter(Boolean)
        .join("\n\n");
    },

    find: (/** @type {string} */ id) => [...virtualList.mounted].find((view) => view.id === id),

    /** Write the last question anew. */
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
        virtualList.relist(messages);
        list.hidden = messages.length === 0;
        empty.hidden = !list.hidden;
      }
      for (const { id, index, update } of virtualList.mounted) {
        const message = messages[index];
        if (message && (state || ids.has(id) || id === last || id === lastId)) update(message);
      }
      lastId = last;
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
