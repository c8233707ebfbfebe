/** Checks that the variables that a message names exist. What names none is said before the message is sent. */

import { escapeInvisible } from "../dom/invisible.js";
import { startTimer } from "../dom/timer.js";
import { mayMention } from "./mentions.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { NotebookQueries } from "../kernel/notebook_queries.js" */
/** @import { Mistake } from "../protocol/messages.js" */

/** @typedef {(text: string, hasContext?: boolean) => Promise<string> | null} AskNames */

/** Milliseconds after which a message is sent unchecked, as the kernel is busy. */
const PATIENCE = 1000;
/** How many mistakes are explained. */
const MOST = 3;

/**
 * Create a function that asks the kernel what is wrong with the names in a text; null if there is nothing to ask.
 *
 * @param {object} options
 * @param {Strings} options.strings
 * @param {NotebookQueries["preview"]} options.preview
 * @param {AbortSignal} options.signal
 * @returns {AskNames}
 */
export function createAskNames({ strings, preview, signal }) {
  return (text, hasContext = false) => {
    if (!hasContext && !mayMention(text)) return null;
    return new Promise((resolve) => {
      startTimer(PATIENCE, () => resolve(""), signal);
      void preview(text, false).then(({ mistakes }) => resolve(explanation(mistakes, strings)));
    });
  };
}

/** The check of one draft. A problem is told once; who then sends the same text means it. */
export class NameCheck {
  #ask;
  #onEnd;
  #text = "";
  #problem = "";
  isPending = false;

  /**
   * @param {object} options
   * @param {(text: string) => Promise<string> | null} options.ask
   * @param {() => void} options.onEnd
   */
  constructor({ ask, onEnd }) {
    this.#ask = ask;
    this.#onEnd = onEnd;
  }

  /** Check a text, unless it is the last one. @param {string} text */
  begin(text) {
    if (text === this.#text) return;
    this.#text = text;
    this.#problem = "";
    const answer = this.#ask(text);
    this.isPending = answer !== null;
    void answer?.then((problem) => {
      if (text !== this.#text) return;
      this.#problem = problem;
      this.isPending = false;
      this.#onEnd();
    });
  }

  /** Forget what was told, because the user goes on writing. */
  forget() {
    if (!this.isPending) this.#text = "";
  }

  /** Return what is wrong with the text; empty if that has been told, or nothing is. */
  takeProblem() {
    const problem = this.#problem;
    this.#problem = "";
    // The same text is checked anew in another message.
    if (!problem) this.#text = "";
    return problem;
  }
}

/**
 * @param {readonly Mistake[]} mistakes
 * @param {Strings} strings
 */
function explanation(mistakes, strings) {
  if (mistakes.length === 0) return "";
  const sentences = mistakes.slice(0, MOST).map(({ written, nearest, is_name }) => {
    const problem = (is_name ? strings.noVariable : strings.noName)(escapeInvisible(written));
    return nearest ? `${problem} ${strings.didYouMean(escapeInvisible(nearest))}` : problem;
  });
  return [...sentences, strings.sendAsIs].join(" ");
}
