/** Alerts as on GitHub: quotations whose first line is `[!NOTE]`, `[!TIP]`, `[!IMPORTANT]`, `[!WARNING]` or `[!CAUTION]`. */

/** @import { Env, Token } from "markdown-it" */
/** @import { GrowingEnv } from "./math_syntax.js" */

const KINDS = /** @type {const} */ (["note", "tip", "important", "warning", "caution"]);

/** @typedef {typeof KINDS[number]} AlertKind */

const PREFIX = "chatwidget-alert-";
const MARKER = new RegExp(`^\\[!(${KINDS.join("|")})\\][ \\t]*(?:\\n|$)`, "i");

/** The classes of alerts. */
export const ALERTS = KINDS.map((kind) => PREFIX + kind);

/** A markdown-it plugin for alerts. @param {import("markdown-it").MarkdownIt} markdown */
export function alerts(markdown) {
  markdown.core.ruler.after("block", "alerts", ({ tokens, env }) => {
    for (let index = tokens.length - 3; index >= 0; index--) markAlert(tokens, index, env);
  });
}

/** Return the kind of the alert that a quoted line begins. @param {string} line */
export const alertIn = (line) => /** @type {AlertKind | undefined} */ (MARKER.exec(line)?.[1]?.toLowerCase());

/** Return the kind of an alert. @param {Element} alert */
export const kindOf = (alert) => /** @type {AlertKind} */ (alert.className.slice(PREFIX.length));

/**
 * Turn a quotation into an alert, if its first line says so and others follow.
 *
 * @param {Token[]} tokens
 * @param {number} index
 * @param {Env} env
 */
function markAlert(tokens, index, env) {
  const [quotation, paragraph, inline, , next] = tokens.slice(index, index + 5);
  const isFirst = quotation?.type === "blockquote_open" && paragraph?.type === "paragraph_open";
  if (!isFirst || !inline || quotation.level > 0) return;
  const [marker, kind] = MARKER.exec(inline.content) ?? [];
  if (marker === undefined || kind === undefined) return;
  const text = inline.content.slice(marker.length);
  const isEmpty = text === "" && next?.type === "blockquote_close";
  if (isEmpty && !(/** @type {GrowingEnv} */ (env).isGrowing)) return;
  quotation.attrs = [["class", PREFIX + kind.toLowerCase()]];
  inline.content = text;
  if (text === "") tokens.splice(index + 1, 3);
}
