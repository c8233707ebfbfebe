/** Finding text in the whole conversation, of which only a part is mounted. */

import { fold } from "../text/fold.js";
import { createFindBar } from "./find_bar.js";
import { FindHighlights } from "./find_highlights.js";
import { Finder } from "./finder.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Context } from "../message/message_context.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */
/** @import { Mounted } from "./find_highlights.js" */
/** @import { Match } from "./finder.js" */

/** Milliseconds from a change of the mounted messages to new highlights. */
const PAUSE = 100;

/** Milliseconds within which a match may come onto the page: folded text is rendered only when it is opened. */
const PATIENCE = 2000;

/** The longest selected text that is searched when the bar opens, in characters. */
const LONGEST_SELECTION = 200;

/** How far from the edges of the transcript a match is in sight, in pixels. */
const MARGIN = 16;

const isApple = () => /Mac|iP(?:hone|ad|od)/.test(navigator.platform);

/** Return true for Ctrl+F, or Cmd+F on a Mac, where Ctrl+F moves the caret. @param {KeyboardEvent} event */
const isFindKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }) =>
  key.toLowerCase() === "f" &&
  !altKey &&
  !shiftKey &&
  (isApple() ? metaKey && !ctrlKey : ctrlKey && !metaKey);

/**
 * @typedef {object} Transcript what the search needs of it
 * @property {HTMLElement} scroller
 * @property {HTMLElement} list
 * @property {() => readonly ViewMessage[]} messages
 * @property {(message: ViewMessage) => Context} contextOf
 * @property {() => Iterable<Mounted>} mounted
 * @property {() => number} firstInSight returns the index of a message
 * @property {(index: number) => HTMLElement | undefined} show mounts a message and scrolls to it
 * @property {(range: Range) => void} scrollTo
 */

/** The search in one transcript. */
export class Find {
  #transcript;
  #bar;
  #finder;
  #highlights;
  #isOpen = false;
  /** @type {Element | null} */
  #focusedBefore = null;
  /** @type {Match | null} */
  #current = null;
  /** Whether the current match still has to be scrolled to, and until when it may come onto the page. */
  #goal = { isShown: true, until: 0 };
  /** The text around the current match. */
  #around = "";
  #isSilent = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Strings} strings
   * @param {Transcript} transcript
   * @param {AbortSignal} signal
   */
  constructor(strings, transcript, signal) {
    this.#transcript = transcript;
    this.#bar = createFindBar({
      strings,
      onQuery: () => this.#search(),
      onStep: (step) => this.#go(step),
      onClose: () => this.#close(),
      signal,
    });
    const onUpdate = () => this.#update();
    this.#finder = new Finder({ contextOf: transcript.contextOf, onUpdate, signal });
    const onChange = () => {
      this.#timer ??= setTimeout(onUpdate, PAUSE);
    };
    this.#highlights = new FindHighlights(transcript.list, { onChange, signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  get element() {
    return this.#bar.element;
  }

  /** Open the bar, with the selected text if it is in the transcript. */
  open() {
    const { list, messages } = this.#transcript;
    if (!this.#isOpen) {
      this.#focusedBefore = document.activeElement;
      this.#highlights.begin();
    }
    this.#isOpen = true;
    this.#bar.open(selectedIn(list));
    this.#finder.relist(messages());
    this.#search();
  }

  /** Return true if a key pressed in the view is for finding, and not for the host. @param {KeyboardEvent} event */
  claims(event) {
    return isFindKey(event) || (this.#isOpen && event.key === "F3");
  }

  /** Handle a key pressed in the view. @param {KeyboardEvent} event */
  pressed(event) {
    // In the field, the same keys open the browser's own search.
    if (!this.claims(event) || (isFindKey(event) && this.#bar.isFocused)) return;
    if (isFindKey(event)) this.open();
    else this.#go(event.shiftKey ? -1 : 1);
    event.preventDefault();
  }

  /**
   * Count changed messages anew.
   *
   * @param {boolean} isNewList true if messages were added or removed
   * @param {Iterable<string>} ids
   */
  changed(isNewList, ids) {
    if (!this.#isOpen) return;
    if (isNewList) this.#finder.relist(this.#transcript.messages());
    this.#finder.change(ids);
  }

  #close() {
    const { scroller } = this.#transcript;
    const before = this.#focusedBefore;
    this.#isOpen = false;
    this.#current = null;
    this.#finder.end();
    this.#highlights.end();
    this.#bar.hide();
    const target = before instanceof HTMLElement && before.isConnected ? before : scroller;
    target.focus({ preventScroll: true });
  }

  #search() {
    const from = this.#current ? this.#indexOf(this.#current) : this.#transcript.firstInSight();
    this.#setGoal(null);
    this.#finder.search(fold(this.#bar.query), Math.max(0, from));
  }

  /** @param {1 | -1} step */
  #go(step) {
    const { total } = this.#finder;
    if (total === 0) return;
    const ordinal = this.#current && this.#finder.ordinal(this.#current);
    this.#setGoal(this.#finder.at(ordinal === null ? 0 : (ordinal + step + total) % total));
    this.#update();
  }

  /** @param {Match | null} match null for the first one found */
  #setGoal(match) {
    this.#current = match;
    this.#goal = { isShown: false, until: performance.now() + PATIENCE };
    this.#around = "";
    this.#isSilent = true;
  }

  #update() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isOpen) return;
    const { total, isCounting, first } = this.#finder;
    if (this.#isSilent) this.#current ??= first;
    const ordinal = this.#current && this.#finder.ordinal(this.#current);
    this.#bar.show({ ordinal, total, isCounting });
    if (this.#current && performance.now() < this.#goal.until) this.#reveal(this.#current);
    if (this.#isSilent && !isCounting) {
      this.#bar.announce(this.#around);
      this.#isSilent = total > 0 && performance.now() < this.#goal.until;
    }
    this.#highlights.update(this.#finder, this.#current, this.#transcript.mounted());
  }

  /** Scroll to a match. What is folded, or long, may come onto the page only later. @param {Match} match */
  #reveal(match) {
    const { scroller, mounted, show, scrollTo } = this.#transcript;
    let article = [...mounted()].find(({ id }) => id === match.id)?.element;
    const there = article && this.#find(article, match);
    if (there && isInSight(there, scroller)) return this.#arrive();
    if (!article || !this.#goal.isShown) article = show(this.#indexOf(match));
    this.#goal.isShown = true;
    if (!article) return;
    openAround(article.querySelectorAll(".chatwidget-findable")[match.section]);
    const range = this.#find(article, match);
    if (!range) return;
    openAround(range.startContainer);
    if (range.getClientRects().length === 0) return;
    scrollTo(range);
    this.#arrive();
  }

  /** @type {(article: HTMLElement, match: Match) => Range | undefined} */
  #find(article, match) {
    const found = this.#highlights.find(article, match, this.#finder.query);
    this.#around = found?.around ?? "";
    return found?.range;
  }

  #arrive() {
    this.#goal.until = 0;
  }

  /** @param {Match} match */
  #indexOf(match) {
    return this.#transcript.messages().findIndex(({ id }) => id === match.id);
  }
}

/** Return the text selected in an element, if it is a short one. @param {HTMLElement} list */
function selectedIn(list) {
  const selection = document.getSelection();
  const text = selection?.anchorNode && list.contains(selection.anchorNode) ? selection.toString() : "";
  return text.includes("\n") || text.length > LONGEST_SELECTION ? "" : text;
}

/** Open all that is folded around a node. @param {Node | undefined} node */
function openAround(node) {
  for (let at = node?.parentElement?.closest("details"); at; at = at.parentElement?.closest("details"))
    at.open = true;
}

/** @type {(range: Range, scroller: HTMLElement) => boolean} */
function isInSight(range, scroller) {
  const [place, view] = [range.getBoundingClientRect(), scroller.getBoundingClientRect()];
  const isShown = range.getClientRects().length > 0;
  return isShown && place.top >= view.top + MARGIN && place.bottom <= view.bottom - MARGIN;
}
