/** The messages on the page, keyed by id: the last ones of a long conversation, and more when asked. */

import { codeAction } from "./code.js";
import { button, element } from "./dom.js";
import { delegate } from "./events.js";
import { createMessage } from "./message.js";

/** @import { Commands, Context } from "./message.js" */
/** @import { ViewMessage } from "./protocol.js" */
/** @import { Strings } from "./strings.js" */

/** How many messages are put on the page at a time. */
const PAGE = 100;

/** @typedef {ReturnType<typeof createMessage> & { role: string }} Mounted */

/**
 * @param {object} options
 * @param {Strings} options.strings
 * @param {(change: () => void) => void} options.keepingPlace wraps a change above what is being read
 * @param {Commands} options.commands
 * @param {AbortSignal} options.signal
 */
export function createTranscript({ strings, keepingPlace, commands, signal }) {
  const earlier = button("earlier", "");
  const list = element("div", { class: "chatwidget-messages" });
  const empty = element("p", { class: "chatwidget-empty" }, strings.empty);

  /** @type {Map<string, Mounted>} */
  const mounted = new Map();
  /** @type {readonly ViewMessage[]} */
  let messages = [];
  /** @type {(message: ViewMessage) => Context} */
  let contextOf;
  let lastId = "";
  let start = 0;

  const mount = (/** @type {ViewMessage} */ message) => {
    const made = { ...createMessage(message.role, strings, commands), role: message.role };
    made.update(message, contextOf(message));
    mounted.set(message.id, made);
    return made;
  };

  const arrange = () => {
    const visible = messages.slice(start);
    const wanted = new Map(visible.map((message) => [message.id, message.role]));
    for (const [id, { element, role }] of mounted) {
      if (wanted.get(id) === role) continue;
      element.remove();
      mounted.delete(id);
    }
    for (const [index, message] of visible.entries()) {
      const { element } = mounted.get(message.id) ?? mount(message);
      const there = list.children[index] ?? null;
      if (there !== element) list.insertBefore(element, there);
    }
    earlier.hidden = start === 0;
    earlier.textContent = strings.earlier(start);
    list.hidden = messages.length === 0;
    empty.hidden = !list.hidden;
  };

  const turnTo = (/** @type {boolean} */ mayTrim) => {
    const lastPage = Math.max(0, messages.length - PAGE);
    const isLong = messages.length - start > 2 * PAGE;
    if (start > lastPage || (mayTrim && isLong)) start = lastPage;
    arrange();
  };

  const showEarlier = () => {
    start = Math.max(0, start - PAGE);
    arrange();
  };

  delegate(list, signal);
  list.addEventListener(
    "click",
    (event) => {
      if (!(event.target instanceof Element)) return;
      void codeAction(event.target, strings, signal);
    },
    { signal },
  );
  earlier.addEventListener("click", () => keepingPlace(showEarlier), { signal });

  return {
    elements: [earlier, list, empty],
    find: (/** @type {string} */ id) => mounted.get(id),
    /** Write the last question anew. */
    editLast() {
      const id = messages.findLast(({ role }) => role === "user")?.id ?? "";
      mounted.get(id)?.edit();
    },

    /**
     * @param {readonly ViewMessage[]} all
     * @param {object} what
     * @param {ReadonlySet<string>} what.ids the messages that changed
     * @param {boolean} what.list whether messages came or went
     * @param {boolean} what.state whether what is shown with messages may have changed
     * @param {boolean} what.mayTrim whether the oldest may leave the page, as nobody reads them
     * @param {(message: ViewMessage) => Context} what.contextOf
     */
    paint(all, { ids, list, state, mayTrim, contextOf: context }) {
      messages = all;
      contextOf = context;
      if (list) turnTo(mayTrim);
      const last = messages.at(-1)?.id ?? "";
      for (const message of messages.slice(start)) {
        const { id } = message;
        const changed = state || ids.has(id) || id === last || id === lastId;
        if (changed) mounted.get(id)?.update(message, contextOf(message));
      }
      lastId = last;
    },
  };
}
