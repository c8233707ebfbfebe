/** The tool calls of a message: one card each, with the result. */

import { growingCode } from "../code/highlighted_text.js";
import { on } from "../dom/delegation.js";
import { element, setHidden, showText } from "../dom/elements.js";
import { icon, setIcon } from "../dom/icons.js";
import { escapeInvisible } from "../dom/invisible.js";
import { render } from "../markdown/parser.js";
import { sanitizeHtml } from "../markdown/sanitize.js";
import { ownValue } from "../protocol/guards.js";
import { bodyOf, isGrowing } from "../state/message_content.js";
import { stripAnsi } from "../text/ansi.js";
import { layOutJson } from "../text/json_layout.js";
import { createApproval } from "./approval.js";
import { createParts } from "./parts.js";

/** @import { Icon } from "../dom/icons.js" */
/** @import { Strings } from "../i18n/strings.js" */
/** @import { ToolCall, ViewMessage } from "../protocol/messages.js" */
/** @import { Commands, Context } from "./message_context.js" */

/** @typedef {"writing" | "approval" | "running" | "waiting" | "done" | "failed" | "unused"} CallState */

/**
 * @typedef {object} Shown
 * @property {ToolCall} call
 * @property {CallState} state
 * @property {ViewMessage | undefined} result
 * @property {string | undefined} title
 */

/** @type {Record<CallState, Icon>} */
const SIGNS = {
  writing: "ring",
  approval: "question",
  running: "ring",
  waiting: "tool",
  done: "check",
  failed: "remove",
  unused: "tool",
};

/** Longer texts are folded at first, in characters and lines. */
const LONG = { characters: 1500, lines: 16 };

/**
 * @param {Strings} strings
 * @param {Commands} commands
 */
export function createToolCalls(strings, commands) {
  const list = element("div", { class: "chatwidget-calls" });
  /** @type {ReturnType<typeof createCard>[]} */
  const cards = [];
  return {
    element: list,
    /**
     * @param {ViewMessage} message
     * @param {Context} context
     */
    update(message, context) {
      const calls = message.tool_calls;
      for (const gone of cards.splice(calls.length)) gone.element.remove();
      for (const [index, call] of calls.entries()) {
        cards[index] ??= createCard(strings, commands);
        if (!cards[index].element.isConnected) list.append(cards[index].element);
        const title = ownValue(context.titles, call.name);
        const state = callStateOf(message, index, context);
        cards[index].update({ call, state, result: context.results[index], title });
      }
      setHidden(list, calls.length === 0);
    },
  };
}

/**
 * Return the state of one call.
 *
 * @param {ViewMessage} message
 * @param {number} index
 * @param {Context} context
 * @returns {CallState}
 */
export function callStateOf(
  { status, tool_calls, finish_reason },
  index,
  { results, approvals, isLast, busy },
) {
  const result = results[index];
  if (result) return resultState(result);
  const id = tool_calls[index]?.id ?? "";
  // Several calls may have the same id: their approvals are requested one after the other.
  const isFirst = tool_calls.findIndex((call, at) => call.id === id && !results[at]) === index;
  // Ids may repeat across messages; the pending approval belongs to the last message.
  if (isLast && isFirst && approvals.has(id)) return "approval";
  if (isGrowing({ status })) return "writing";
  const wasCut = finish_reason === "length" || finish_reason === "content_filter";
  if (status !== "complete" || wasCut || !isLast) return "unused";
  return busy ? "running" : "waiting";
}

/**
 * @param {ViewMessage} result
 * @returns {CallState}
 */
function resultState({ status, error }) {
  if (isGrowing({ status })) return "running";
  return status === "complete" && !error ? "done" : "failed";
}

/**
 * Create the card of one call.
 *
 * @param {Strings} strings
 * @param {Commands} commands
 */
function createCard(strings, commands) {
  const sign = icon("tool");
  const title = element("span", { class: "chatwidget-call-title", dir: "auto" });
  const name = element("code", { class: "chatwidget-call-name" });
  const state = element("span", { class: "chatwidget-call-state" });
  const head = element("div", { class: "chatwidget-call-head" }, sign, title, name, state);
  const args = createSection(strings.arguments);
  const result = createSection(strings.result);
  const parts = createParts(strings, commands.signal);
  const error = element("div", { class: "chatwidget-error", dir: "auto", hidden: "" });
  const approval = createApproval(strings, (answer, reason) => {
    commands.approve(id, answer, reason);
    card.focus();
  });
  const card = element("div", { class: "chatwidget-call", role: "group", tabindex: "-1" }, head);
  card.append(args.element, result.element, parts.element, error, approval.element);
  const layOutArguments = once(layOutJson);
  const layOutResult = once((/** @type {string} */ text) => layOutJson(stripAnsi(text)));
  let id = "";
  let isAsked = false;
  let shownTitle = "";

  const showName = (/** @type {string} */ toolName, /** @type {string | undefined} */ newTitle) => {
    const plain = escapeInvisible(toolName);
    showText(name, plain);
    card.setAttribute("aria-label", strings.toolCall(plain));
    title.hidden = !newTitle;
    if (newTitle && newTitle !== shownTitle) title.replaceChildren(inline(newTitle));
    shownTitle = newTitle ?? "";
  };

  return {
    element: card,
    /** @param {Shown} shown */
    update({ call, state: now, result: answer, title: toolTitle }) {
      id = call.id;
      card.dataset.state = now;
      setIcon(sign, SIGNS[now]);
      showName(call.name, toolTitle);
      showText(state, strings.callStates[now]);
      args.update(now === "writing" ? call.arguments : withoutEmpty(layOutArguments(call.arguments)), "json");
      if (now === "approval" && !isAsked) args.unfold();
      isAsked = now === "approval";
      const body = answer ? bodyOf(answer.content) : { text: "", parts: [] };
      const text = layOutResult(body.text);
      result.update(text, /^[{[]\n/.test(text) ? "json" : "");
      parts.update(body.parts);
      showText(error, answer?.error ?? "");
      approval.update(isAsked);
    },
  };
}

/** Create a foldable section for a text. @param {string} label */
function createSection(label) {
  const code = element("code");
  const pre = element("pre", { tabindex: "0", dir: "ltr" }, code);
  pre.setAttribute("aria-label", label);
  pre.setAttribute("role", "group");
  const details = element("details", { class: "chatwidget-call-part", hidden: "", open: "" });
  details.append(element("summary", {}, label), pre);
  let wasFolded = false;
  let shown = "";
  let language = "";
  let show = growingCode(code, language);

  // Folded text is not rendered.
  const showOpen = () => {
    if (details.open) show(shown);
  };
  on(details, { toggle: showOpen });

  return {
    element: details,
    unfold() {
      if (wasFolded) details.open = true;
      wasFolded = true;
      showOpen();
    },
    /**
     * @param {string} text
     * @param {string} wanted the language of the text
     */
    update(text, wanted) {
      if (text === shown && wanted === language) return;
      if (wanted !== language) show = growingCode(code, wanted);
      [shown, language] = [text, wanted];
      details.hidden = text === "";
      if (!wasFolded && isLong(text)) {
        details.open = false;
        wasFolded = true;
      }
      showOpen();
    },
  };
}

/** @param {string} text */
function isLong(text) {
  return text.length > LONG.characters || text.split("\n", LONG.lines + 1).length > LONG.lines;
}

/**
 * Return a function that remembers its last result.
 *
 * @param {(text: string) => string} change
 * @returns {(text: string) => string}
 */
function once(change) {
  let before = "";
  let after = change("");
  return (text) => {
    if (text !== before) [before, after] = [text, change(text)];
    return after;
  };
}

/** Return an empty text for a call without arguments. @param {string} json */
const withoutEmpty = (json) => (json === "{}" ? "" : json);

/** Render the first paragraph of a Markdown text. @param {string} source */
function inline(source) {
  const fragment = sanitizeHtml(render(stripAnsi(source), {}));
  const line = document.createDocumentFragment();
  line.append(...(fragment.querySelector("p")?.childNodes ?? [fragment.textContent ?? ""]));
  return line;
}
