/** Matches tool results to tool calls. No DOM. */

/** @import { ToolCall, ViewMessage } from "../protocol/messages.js" */

/**
 * @typedef {object} Grouped
 * @property {ViewMessage[]} shown the messages that are shown on their own
 * @property {Map<string, (ViewMessage | undefined)[]>} results the result of each call, by the id of the calling message
 * @property {Map<string, string>} owners the id of the calling message, by the id of the result
 * @property {Set<string>} continued ids of replies that the next reply continues
 */

/**
 * Group messages into those that are shown and the results that belong to their calls.
 *
 * @param {readonly ViewMessage[]} messages
 */
export function groupResults(messages) {
  /** @type {Grouped} */
  const grouped = { shown: [], results: new Map(), owners: new Map(), continued: new Set() };
  /** @type {ViewMessage | undefined} */
  let caller;
  for (const message of messages) {
    const isResult = message.role === "tool" || message.role === "function";
    if (!isResult) caller = message.tool_calls.length > 0 ? message : undefined;
    if (isResult && caller && answer(grouped, caller, message)) continue;
    const before = grouped.shown.at(-1);
    if (message.role === "assistant" && before?.role === "assistant") grouped.continued.add(before.id);
    grouped.shown.push(message);
  }
  return grouped;
}

/**
 * @param {Grouped} grouped
 * @param {ViewMessage} caller
 * @param {ViewMessage} result
 * @returns {boolean} true if it answers one of the caller's calls
 */
function answer({ results, owners }, caller, result) {
  const answered = results.get(caller.id) ?? [];
  const index = callOf(result.tool_call_id ?? "", caller.tool_calls, answered);
  if (index < 0) return false;
  answered[index] = result;
  results.set(caller.id, answered);
  owners.set(result.id, caller.id);
  return true;
}

/**
 * Return the first call with this id and no result yet: some servers repeat ids. Without an id, the first call of all.
 *
 * @param {string} id
 * @param {ToolCall[]} calls
 * @param {(ViewMessage | undefined)[]} answered
 */
function callOf(id, calls, answered) {
  const index = calls.findIndex((call, at) => !answered[at] && call.id === id);
  return index < 0 && id === "" ? calls.findIndex((_, at) => !answered[at]) : index;
}
