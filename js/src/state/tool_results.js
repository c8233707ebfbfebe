/** Which tool results belong to which calls. No DOM. */

/** @import { ToolCall, ViewMessage } from "../protocol/messages.js" */

/**
 * @typedef {object} Grouped
 * @property {ViewMessage[]} shown the messages that stand for themselves
 * @property {Map<string, (ViewMessage | undefined)[]>} results for a message that calls, the result of each call
 * @property {Map<string, string>} owners the message that called, for each result
 * @property {Set<string>} goesOn replies that another one continues, with what the calls gave
 */

/** @param {readonly ViewMessage[]} messages */
export function groupResults(messages) {
  /** @type {Grouped} */
  const grouped = { shown: [], results: new Map(), owners: new Map(), goesOn: new Set() };
  /** @type {ViewMessage | undefined} */
  let caller;
  for (const message of messages) {
    const isResult = message.role === "tool" || message.role === "function";
    if (!isResult) caller = message.tool_calls.length > 0 ? message : undefined;
    if (isResult && caller && answer(grouped, caller, message)) continue;
    const before = grouped.shown.at(-1);
    if (message.role === "assistant" && before?.role === "assistant") grouped.goesOn.add(before.id);
    grouped.shown.push(message);
  }
  return grouped;
}

/**
 * @param {Grouped} grouped
 * @param {ViewMessage} caller
 * @param {ViewMessage} result
 * @returns {boolean} whether it answers one of the caller's calls
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
 * The first call with this id that has no result yet: some servers give several the same id. Without an id, the first of all.
 *
 * @param {string} id
 * @param {ToolCall[]} calls
 * @param {(ViewMessage | undefined)[]} answered
 */
function callOf(id, calls, answered) {
  const index = calls.findIndex((call, at) => !answered[at] && call.id === id);
  return index < 0 && id === "" ? calls.findIndex((_, at) => !answered[at]) : index;
}
