/** Makes characters visible that have no glyph or reorder others, so that the user can rely on a text when deciding. */

import { element } from "./elements.js";

/** Texts without such characters: most of them. */
const PLAIN = /^[\t\n\r -~]*$/;

/**
 * Default-ignorable, bidirectional and control characters, surrogates and noncharacters. Excluded are those that form
 * one emoji or word: joiners between letters, variation selectors, the letters of a flag.
 */
const INVISIBLE = new RegExp(
  [
    String.raw`\u{1F3F4}[\u{E0030}-\u{E007A}]{2,6}\u{E007F}`,
    String.raw`(?<=[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200C\u200D](?=[\p{L}\p{Extended_Pictographic}])`,
    String.raw`(?<=[\p{Emoji}])[\uFE0E\uFE0F]`,
    String.raw`(?<invisible>(?![\t\n\r])[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}])`,
  ].join("|"),
  "gu",
);

/**
 * Return a text with codes in place of invisible characters, for attributes and plain text.
 *
 * @param {string} text
 */
export function escapeInvisible(text) {
  return split(text)
    .map(({ text, isInvisible }) => (isInvisible ? `[${codeOf(text)}]` : text))
    .join("");
}

/**
 * Return a text with a labelled box for each invisible character, from which the character is still copied.
 *
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function boxInvisible(text) {
  return split(text).map(({ text, isInvisible }) => (isInvisible ? box(text) : text));
}

/** @param {string} text */
function split(text) {
  if (PLAIN.test(text)) return [{ text, isInvisible: false }];
  const parts = [];
  let from = 0;
  for (const { 0: match, index, groups } of text.matchAll(INVISIBLE)) {
    if (groups?.invisible === undefined) continue;
    if (index > from) parts.push({ text: text.slice(from, index), isInvisible: false });
    parts.push({ text: match, isInvisible: true });
    from = index + match.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isInvisible: false });
  return parts;
}

/** @param {string} character */
function box(character) {
  const hidden = element("span", { hidden: "" }, character);
  return element("span", { class: "chatwidget-invisible", title: codeOf(character) }, hidden);
}

/** @param {string} character */
function codeOf(character) {
  return `u+${character.codePointAt(0)?.toString(16).padStart(4, "0")}`.toUpperCase();
}
