/** The text of a message for searching, in sections. The page marks the element of each section, in the same order. */

import { escapeInvisible } from "../dom/invisible.js";
import { argumentsText, resultText } from "../message/tool_calls.js";
import { ownValue } from "../protocol/guards.js";
import { bodyOf, isGrowing, partContent } from "../state/message_content.js";
import { stripAnsi } from "../text/ansi.js";
import { fold } from "../text/fold.js";
import { MarkdownText } from "./markdown_text.js";

/** @import { Context } from "../message/message_context.js" */
/** @import { Part, ViewMessage } from "../protocol/messages.js" */

/** @typedef {{ text: string, isMarkdown: boolean }} Section */

/**
 * Return the sections of a message, in the order of its elements of the class `chatwidget-findable`.
 *
 * @param {ViewMessage} message
 * @param {Pick<Context, "results" | "titles">} context
 * @returns {Section[]}
 */
function sectionsOf(message, { results, titles }) {
  const { text, parts } = bodyOf(message.content);
  const sources = (message.citations ?? []).map(({ url, title }) => title || url || "?");
  return [
    markdown(message.reasoning),
    plain(textOfParts(parts)),
    message.role === "assistant" ? markdown(text) : plain(text),
    plain(message.refusal),
    plain(sources.join("\n")),
    ...message.tool_calls.flatMap((call, index) => {
      const result = results[index];
      const body = bodyOf(result?.content ?? "");
      return [
        markdown(ownValue(titles, call.name) ?? ""),
        plain(escapeInvisible(call.name)),
        plain(argumentsText(call.arguments)),
        plain(resultText(body.text)),
        plain(textOfParts(body.parts)),
        plain(result?.error ?? ""),
      ];
    }),
  ];
}

/** @type {(text: string) => Section} */
const markdown = (text) => ({ text, isMarkdown: true });
/** @type {(text: string) => Section} */
const plain = (text) => ({ text, isMarkdown: false });

/** @param {Part[]} parts */
function textOfParts(parts) {
  const texts = parts.map((part) => {
    const content = partContent(part);
    if (content.kind === "text") return `${escapeInvisible(content.name)}\n${content.text}`;
    return content.kind === "file" ? escapeInvisible(content.name) : "";
  });
  return texts.join("\n");
}

/** The folded text of one message. A section is read again only if it has changed. */
export class MessageText {
  /** @type {{ source: string, isWhole: boolean, folded: string }[]} */
  #known = [];
  /** Readers of sections that are not complete. @type {Map<number, MarkdownText>} */
  #readers = new Map();

  /**
   * Return the folded text of each section.
   *
   * @param {ViewMessage} message
   * @param {Pick<Context, "results" | "titles">} context
   * @param {number} until on the clock of `performance.now()`
   * @returns {string[] | null} null if the time ran out: the next call goes on
   */
  read(message, context, until) {
    const isWhole = !isGrowing(message);
    const sections = sectionsOf(message, context);
    this.#known.length = Math.min(this.#known.length, sections.length);
    for (const [index, { text: source, isMarkdown }] of sections.entries()) {
      const known = this.#known[index];
      if (known?.source === source && known.isWhole === isWhole) continue;
      const text = isMarkdown ? this.#readMarkdown(index, source, isWhole, until) : stripAnsi(source);
      if (text === null) return null;
      this.#known[index] = { source, isWhole, folded: fold(text) };
    }
    return this.#known.map(({ folded }) => folded);
  }

  /** @type {(index: number, source: string, isWhole: boolean, until: number) => string | null} */
  #readMarkdown(index, source, isWhole, until) {
    if (source === "") return "";
    const reader = this.#readers.get(index) ?? new MarkdownText();
    this.#readers.set(index, reader);
    const text = reader.read(source, isWhole, until);
    if (isWhole && text !== null) this.#readers.delete(index);
    return text;
  }
}
