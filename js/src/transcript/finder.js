/** Counts the matches of a query in all messages, mounted or not, in short slices of time. No DOM. */

import { isGrowing } from "../state/message_content.js";
import { countOf } from "../text/fold.js";
import { MessageText } from "./message_text.js";

/** @import { Context } from "../message/message_context.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */

/** How long counting may block the page at a time, in milliseconds. */
const BUDGET = 6;

/** Milliseconds until a growing message is counted anew, and for how many times the last count it rests at least. */
const PAUSE = 250;
const REST = 5;

/** One match: the message, the section of its text, and the number within that. */
/** @typedef {{ id: string, section: number, nth: number }} Match */

/** The matches in one conversation. */
export class Finder {
  #contextOf;
  #onUpdate;
  #query = "";
  /** @type {readonly ViewMessage[]} */
  #messages = [];
  /** @type {Map<string, MessageText>} */
  #texts = new Map();
  /** The matches in each section, for messages with any. @type {Map<string, number[]>} */
  #counts = new Map();
  /** Messages to count, in this order. @type {Set<string>} */
  #due = new Set();
  /** @type {Map<string, ViewMessage>} */
  #byId = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #duration = 0;
  /** The first match, from where the search began. @type {Match | null} */
  #first = null;

  /**
   * @param {object} options
   * @param {(message: ViewMessage) => Pick<Context, "results" | "titles">} options.contextOf
   * @param {() => void} options.onUpdate called when the counts may have changed
   * @param {AbortSignal} options.signal
   */
  constructor({ contextOf, onUpdate, signal }) {
    this.#contextOf = contextOf;
    this.#onUpdate = onUpdate;
    signal.addEventListener("abort", () => this.end(), { once: true });
  }

  get query() {
    return this.#query;
  }

  /** True while messages remain to be counted. */
  get isCounting() {
    return this.#due.size > 0;
  }

  /** The first match found since the search began. */
  get first() {
    return this.#first;
  }

  get total() {
    let total = 0;
    for (const counts of this.#counts.values()) total += sum(counts);
    return total;
  }

  /** Return the matches in each section of a message; none if there are no matches. @param {string} id */
  counts(id) {
    return this.#counts.get(id) ?? [];
  }

  /**
   * Search the messages.
   *
   * @param {string} query folded
   * @param {number} from the index of the message to begin with; those before it come last
   */
  search(query, from) {
    this.#query = query;
    this.#first = null;
    this.#counts.clear();
    const ids = query ? this.#messages.map(({ id }) => id) : [];
    this.#due = new Set([...ids.slice(from), ...ids.slice(0, from)]);
    this.#count();
  }

  /**
   * Replace the list of messages.
   *
   * @param {readonly ViewMessage[]} messages
   */
  relist(messages) {
    this.#messages = messages;
    const before = this.#byId;
    this.#byId = new Map(messages.map((message) => [message.id, message]));
    for (const id of before.keys()) {
      if (this.#byId.has(id)) continue;
      for (const known of [this.#texts, this.#counts, this.#due]) known.delete(id);
    }
    this.change([...this.#byId.keys()].filter((id) => !before.has(id)));
  }

  /** Count changed messages anew. @param {Iterable<string>} ids */
  change(ids) {
    if (!this.#query) return;
    let isSettled = true;
    for (const id of ids) {
      const message = this.#byId.get(id);
      if (!message) continue;
      this.#due.add(id);
      isSettled &&= !isGrowing(message);
    }
    if (this.#timer === undefined && this.isCounting)
      this.#countIn(isSettled ? 0 : Math.max(PAUSE, REST * this.#duration));
  }

  /** Forget everything. */
  end() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#query = "";
    this.#first = null;
    this.#messages = [];
    for (const known of [this.#texts, this.#counts, this.#due, this.#byId]) known.clear();
  }

  /** Return the number of matches before one, or null if it is gone. @param {Match} match */
  ordinal({ id, section, nth }) {
    const counts = this.counts(id);
    if (nth >= (counts[section] ?? 0)) return null;
    let before = sum(counts.slice(0, section)) + nth;
    for (const message of this.#messages) {
      if (message.id === id) return before;
      before += sum(this.counts(message.id));
    }
    return null;
  }

  /** Return the match with a number of others before it. @param {number} ordinal @returns {Match | null} */
  at(ordinal) {
    let rest = ordinal;
    for (const { id } of this.#messages) {
      for (const [section, count] of this.counts(id).entries()) {
        if (rest < count) return { id, section, nth: rest };
        rest -= count;
      }
    }
    return null;
  }

  /** @param {number} delay */
  #countIn(delay) {
    this.#timer = setTimeout(() => this.#count(), delay);
  }

  #count() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const start = performance.now();
    const until = start + BUDGET;
    for (const id of this.#due) {
      if (!this.#countMessage(id, until)) break;
      this.#due.delete(id);
      if (performance.now() > until) break;
    }
    this.#duration = performance.now() - start;
    if (this.isCounting) this.#countIn(0);
    this.#onUpdate();
  }

  /** @type {(id: string, until: number) => boolean} false if the time ran out */
  #countMessage(id, until) {
    const message = this.#byId.get(id);
    if (!message) return true;
    const text = this.#texts.get(id) ?? new MessageText();
    this.#texts.set(id, text);
    const sections = text.read(message, this.#contextOf(message), until);
    if (!sections) return false;
    const counts = sections.map((section) => countOf(section, this.#query));
    const section = counts.findIndex((count) => count > 0);
    if (section < 0) this.#counts.delete(id);
    else this.#counts.set(id, counts);
    if (section >= 0) this.#first ??= { id, section, nth: 0 };
    return true;
  }
}

/** @param {readonly number[]} counts */
const sum = (counts) => counts.reduce((total, count) => total + count, 0);
