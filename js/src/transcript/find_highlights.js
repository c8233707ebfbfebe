/** Highlights the matches in the mounted messages, without a change of their elements. */

import { formulaSource } from "../markdown/math.js";
import { placesOf } from "../text/fold.js";
import { isBlock } from "./markdown_text.js";

/** @import { Finder, Match } from "./finder.js" */

/** @typedef {{ element: HTMLElement, id: string }} Mounted */
/** @typedef {{ query: string, texts: Placed[], places: [number, number][] }} Found in one section */
/** @typedef {{ start: number, node: Node }} Placed a text or a formula, and where it starts in the section's text */

/** The names of all matches' highlight and the current one's; the stylesheet has them too. */
const NAMES = /** @type {const} */ (["chatwidget-find", "chatwidget-find-current"]);

/** The most matches that are highlighted in one section: a single letter is everywhere. */
const MOST = 1000;

/** What is not part of a message's text. */
const SKIPPED = "button, audio, .chatwidget-code-head, .chatwidget-part-note, .chatwidget-sr-only";

/** How much text around the current match is read out, in characters on either side. */
const AROUND = 40;

/** The highlights of one view. All views of a page share the two names. */
export class FindHighlights {
  /** @type {WeakMap<Element, Found>} */
  #found = new WeakMap();
  /** @type {[Set<AbstractRange>, Set<AbstractRange>]} */
  #ranges = [new Set(), new Set()];
  #observer;

  /**
   * @param {HTMLElement} list of the messages
   * @param {object} options
   * @param {() => void} options.onChange called when messages have changed or were mounted
   * @param {AbortSignal} options.signal
   */
  constructor(list, { onChange, signal }) {
    this.list = list;
    this.#observer = new MutationObserver((records) => {
      for (const { target } of records) {
        const section = sectionAround(target);
        if (section) this.#found.delete(section);
      }
      onChange();
    });
    signal.addEventListener("abort", () => this.end(), { once: true });
  }

  /** Observe the messages. */
  begin() {
    this.#observer.observe(this.list, { childList: true, characterData: true, subtree: true });
  }

  /** Remove the highlights. */
  end() {
    this.#observer.disconnect();
    this.#highlight([new Set(), new Set()]);
    for (const article of this.list.querySelectorAll(".chatwidget-found")) mark(article, false, false);
  }

  /**
   * Highlight the matches in mounted messages.
   *
   * @param {Finder} finder
   * @param {Match | null} current
   * @param {Iterable<Mounted>} mounted
   */
  update(finder, current, mounted) {
    /** @type {[Set<AbstractRange>, Set<AbstractRange>]} */
    const ranges = [new Set(), new Set()];
    for (const { element, id } of mounted) {
      const counts = finder.counts(id);
      mark(element, counts.length > 0, id === current?.id);
      if (counts.length === 0) continue;
      for (const [index, section] of sectionsIn(element).entries()) {
        if (!counts[index]) continue;
        const isCurrent = id === current?.id && index === current.section;
        this.#addRanges(ranges, this.#search(section, finder.query), isCurrent ? current.nth : -1);
      }
    }
    this.#highlight(ranges);
  }

  /** @type {(ranges: [Set<AbstractRange>, Set<AbstractRange>], found: Found, nth: number) => void} */
  #addRanges(ranges, found, nth) {
    for (const [at, place] of found.places.entries()) {
      if (at < MOST || at === nth) ranges[at === nth ? 1 : 0].add(new StaticRange(boundsOf(found, place)));
    }
  }

  /**
   * Return the range of a match and the text around it, or null while it is not on the page.
   *
   * @param {HTMLElement} article
   * @param {Match} match
   * @param {string} query
   */
  find(article, { section: index, nth }, query) {
    const section = sectionsIn(article)[index];
    const found = section && this.#search(section, query);
    // The page may have less than was counted, but never nothing for long.
    const place = found?.places[nth] ?? found?.places.at(-1);
    if (!found || !place) return null;
    const { startContainer, startOffset, endContainer, endOffset } = boundsOf(found, place);
    const range = document.createRange();
    range.setStart(startContainer, startOffset);
    range.setEnd(endContainer, endOffset);
    const text = textOf(found.texts);
    const around = text.slice(Math.max(0, place[0] - AROUND), place[1] + AROUND);
    return { range, around: around.replace(/\s+/g, " ").trim() };
  }

  /** @type {(section: Element, query: string) => Found} */
  #search(section, query) {
    const known = this.#found.get(section);
    if (known?.query === query) return known;
    const texts = textsIn(section);
    const found = { query, texts, places: placesOf(textOf(texts), query) };
    this.#found.set(section, found);
    return found;
  }

  /** @param {[Set<AbstractRange>, Set<AbstractRange>]} ranges */
  #highlight(ranges) {
    const registry = globalThis.CSS?.highlights;
    for (const [index, name] of registry ? NAMES.entries() : []) {
      const highlight = registry.get(name) ?? new Highlight();
      registry.set(name, highlight);
      for (const range of this.#ranges[index] ?? []) highlight.delete(range);
      for (const range of ranges[index] ?? []) highlight.add(range);
      highlight.priority = index;
    }
    this.#ranges = ranges;
  }
}

/** @param {HTMLElement} article */
const sectionsIn = (article) => [...article.querySelectorAll(".chatwidget-findable")];

/** @param {Node} node */
function sectionAround(node) {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest(".chatwidget-findable");
}

/** Outline a message in browsers that cannot highlight text. @type {(article: Element, has: boolean, isCurrent: boolean) => void} */
function mark(article, has, isCurrent) {
  article.classList.toggle("chatwidget-found", has);
  article.classList.toggle("chatwidget-found-current", has && isCurrent);
}

/** Return the texts of a section in order; a formula counts as its source. @param {Element} section */
function textsIn(section) {
  /** @type {Placed[]} */
  const texts = [];
  let length = 0;
  const add = (/** @type {Node} */ node, /** @type {string} */ text) => {
    texts.push({ start: length, node });
    length += text.length;
  };
  const visit = (/** @type {Node} */ node) => {
    if (node instanceof Text) add(node, node.data);
    if (!(node instanceof Element) || node.matches(SKIPPED)) return;
    const formula = formulaSource(node);
    if (formula !== undefined) return add(node, formula);
    const ends = isBlock(node.localName) || node.classList.contains("chatwidget-part");
    if (ends) length += 1;
    for (const child of node.childNodes) visit(child);
    if (ends) length += 1;
  };
  for (const child of section.childNodes) visit(child);
  return texts;
}

/** Return the texts as one, with spaces where lines end. @param {Placed[]} texts */
function textOf(texts) {
  let whole = "";
  for (const { start, node } of texts) {
    whole = whole.padEnd(start, "\n");
    whole += node instanceof Text ? node.data : (formulaSource(/** @type {Element} */ (node)) ?? "");
  }
  return whole;
}

/**
 * Return the bounds of a place, for a range.
 *
 * @param {Found} found
 * @param {[number, number]} place
 */
function boundsOf({ texts }, [from, to]) {
  const [first, last] = [textAt(texts, from), textAt(texts, to - 1)];
  const start = boundary(first, from - (first?.start ?? 0), 0);
  const end = boundary(last, to - (last?.start ?? 0), 1);
  return {
    startContainer: start.container,
    startOffset: start.offset,
    endContainer: end.container,
    endOffset: end.offset,
  };
}

/** Return the last text that starts at a place or before it. @type {(texts: Placed[], at: number) => Placed | undefined} */
function textAt(texts, at) {
  let [low, high] = [0, texts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((texts[middle]?.start ?? 0) <= at) low = middle;
    else high = middle;
  }
  return texts[low];
}

/** @type {(text: Placed | undefined, offset: number, side: 0 | 1) => { container: Node, offset: number }} */
function boundary(text, offset, side) {
  const node = text?.node ?? document.body;
  if (node instanceof Text) return { container: node, offset: Math.min(offset, node.length) };
  return { container: node, offset: side && node.childNodes.length };
}
