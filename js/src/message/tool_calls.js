/** The tool calls of a message: one card each, with the result. */

import { on } from "../dom/delegation.js";
import { element, setHidden, showText } from "../dom/elements.js";
import { icon, setIcon } from "../dom/icons.js";
import { escapeInvisible } from "../dom/invisible.js";
import { sanitizeHtml } from "../markdown/sanitize.js";
import { ownValue } from "../protocol/guards.js";
import { bodyOf, isGrowing } from "../state/message_content.js";
import { render } from "../syntax/parser.js";
import { stripAnsi } from "../text/ansi.js";
import { layOutJson } from "../text/json_layout.js";
import { formatSeconds } from "../text/number_format.js";
import { createApproval } from "./approval.js";
import { createParts } from "./parts.js";
import { createSection } from "./section.js";

/** @import { Icon } from "../dom/icons.js" */
/** @import { Strings } from "../i18n/strings.js" */
/** @import { ToolCall, ViewMessage } from "../protocol/messages.js" */
/** @import { Commands, Context } from "./message_context.js" */

/**
 * The first four may still change. The others but "stopped" are also outcomes that the kernel names.
 *
 * @typedef {"writing" | "approval" | "running" | "waiting"
 *   | "done" | "failed" | "refused" | "unknown_tool" | "stopped" | "not_run"} CallState
 */

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
  refused: "barred",
  unknown_tool: "unknown",
  stopped: "stop",
  not_run: "tool",
};

/** @type {ReadonlySet<CallState>} */
const UNFINISHED = new Set(["writing", "approval", "running", "waiting"]);

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
  { results, approvals, finished, isLast, busy },
) {
  const result = results[index];
  if (result) return resultState(result);
  const id = tool_calls[index]?.id ?? "";
  // Several calls may have the same id: their approvals are requested one after the other.
  const isFirst = tool_calls.findIndex((call, at) => call.id === id && !results[at]) === index;
  // Ids may repeat across messages; the pending approval belongs to the last message.
  if (isLast && isFirst && approvals.has(id)) return "approval";
  const outcome = isLast && isFirst && outcomeOf(ownValue(finished, id));
  if (outcome) return outcome;
  if (isGrowing({ status })) return "writing";
  const wasCut = finish_reason === "length" || finish_reason === "content_filter";
  if (status !== "complete" || wasCut || !isLast) return "not_run";
  return busy ? "running" : "waiting";
}

/**
 * @param {ViewMessage} result
 * @returns {CallState}
 */
function resultState({ status, error, error_code }) {
  if (isGrowing({ status })) return "running";
  if (status === "complete" && !error) return "done";
  return outcomeOf(error_code) ?? (status === "stopped" ? "stopped" : "failed");
}

/**
 * Return the state for an outcome of the kernel, which may be newer than the view.
 *
 * @param {string | null | undefined} outcome
 * @returns {CallState | undefined}
 */
function outcomeOf(outcome) {
  return ownValue(SIGNS, outcome ?? "") && /** @type {CallState} */ (outcome);
}

/**
 * Create the card of one call.
 *
 * @param {Strings} strings
 * @param {Commands} commands
 */
function createCard(strings, commands) {
  const sign = icon("tool");
  const title = element("span", { class: "chatwidget-call-title chatwidget-findable", dir: "auto" });
  const name = element("code", { class: "chatwidget-call-name chatwidget-findable" });
  const state = element("span", { class: "chatwidget-call-state" });
  const head = element("summary", { class: "chatwidget-call-head" }, sign, title, name, state);
  const args = createSection(strings.arguments, { isFindable: true });
  const result = createSection(strings.result, { isFindable: true });
  const log = createSection(strings.details, { isFolded: true });
  const fold = element(
    "details",
    { class: "chatwidget-call-fold" },
    head,
    args.element,
    result.element,
    log.element,
  );
  const parts = createParts(strings, commands.signal);
  const error = element("div", { class: "chatwidget-error chatwidget-findable", dir: "auto", hidden: "" });
  const approval = createApproval(strings, (answer, reason) => {
    commands.approve(id, answer, reason);
    card.focus();
  });
  const card = element("div", { class: "chatwidget-call", role: "group", tabindex: "-1" }, fold);
  card.append(parts.element, error, approval.element);
  const layOutArguments = once(argumentsText);
  const layOutResult = once(resultText);
  let id = "";
  let isAsked = false;
  let isFinished = false;
  let isChosen = false;
  let shownTitle = "";
  fold.open = true;
  on(head, {
    click() {
      isChosen = true;
    },
  });

  const showName = (/** @type {string} */ plain, /** @type {string | undefined} */ newTitle) => {
    showText(name, plain);
    title.hidden = !newTitle;
    if (newTitle && newTitle !== shownTitle) title.replaceChildren(inline(newTitle));
    shownTitle = newTitle ?? "";
  };

  // What the user has unfolded, or is reading, stays so.
  const foldOnce = (/** @type {boolean} */ isOver) => {
    if (isOver && !isFinished && !isChosen && !fold.matches(":focus-within")) fold.open = false;
    isFinished = isOver;
  };

  return {
    element: card,
    /** @param {Shown} shown */
    update({ call, state: now, result: answer, title: toolTitle }) {
      id = call.id;
      const plainName = escapeInvisible(call.name);
      const stateText = strings.callStates[now] + durationText(answer, strings);
      card.dataset.state = now;
      card.setAttribute("aria-label", `${strings.toolCall(plainName)}, ${stateText}`);
      setIcon(sign, SIGNS[now]);
      showName(plainName, toolTitle);
      showText(state, stateText);
      foldOnce(!UNFINISHED.has(now));
      args.update(now === "writing" ? call.arguments : layOutArguments(call.arguments), "json");
      if (now === "approval" && !isAsked) {
        fold.open = true;
        args.unfold();
      }
      isAsked = now === "approval";
      const body = answer ? bodyOf(answer.content) : { text: "", parts: [] };
      const text = layOutResult(body.text);
      result.update(text, /^[{[]\n/.test(text) ? "json" : "");
      log.update(stripAnsi(answer?.log ?? ""));
      parts.update(body.parts);
      showText(error, answer?.error ?? "");
      approval.update(isAsked);
    },
  };
}

/**
 * Return how long a call took, to follow its state; an empty text if that is unknown.
 *
 * @param {ViewMessage | undefined} answer
 * @param {Strings} strings
 */
function durationText(answer, { language }) {
  const duration = answer?.timings.duration;
  return typeof duration === "number" ? ` · ${formatSeconds(Math.max(duration, 0.1), language)}` : "";
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

/** Return the arguments of a call as they are shown; a call without any shows nothing. @param {string} json */
export function argumentsText(json) {
  const text = layOutJson(json);
  return text === "{}" ? "" : text;
}

/** Return the result of a call as it is shown. @param {string} text */
export const resultText = (text) => layOutJson(stripAnsi(text));

/** Render the first paragraph of a Markdown text. @param {string} source */
function inline(source) {
  const fragment = sanitizeHtml(render(stripAnsi(source), {}));
  const line = document.createDocumentFragment();
  line.append(...(fragment.querySelector("p")?.childNodes ?? [fragment.textContent ?? ""]));
  return line;
}
