/** What messages show besides themselves. */

/** @import { Context } from "./message.js" */
/** @import { Status, ViewMessage } from "./protocol.js" */
/** @import { Store } from "./store.js" */
/** @import { Strings } from "./strings.js" */
/** @import { Grouped } from "./tool_results.js" */

/** Replies that ended like this can be asked for again. @type {ReadonlySet<Status>} */
const RETRIABLE = new Set(["error", "interrupted", "stopped"]);

/** @type {Context["results"]} */
const NO_RESULTS = [];

/**
 * @param {Store} store
 * @param {Grouped} grouped
 * @param {Strings} strings
 * @returns {(message: ViewMessage) => Context}
 */
export function contexts(store, { shown, results, goesOn }, strings) {
  const { busy, state } = store;
  const last = shown.at(-1);
  const note = retryNote(store, strings);
  const canRetry = state.status === "ready" && last?.role === "assistant" && RETRIABLE.has(last.status);
  const common = {
    busy,
    canAsk: state.connection.kind !== "none",
    approvals: new Set(state.approvals),
    titles: state.look.titles,
  };
  return (message) => ({
    ...common,
    isLast: message === last,
    goesOn: goesOn.has(message.id),
    note: message === last ? note : "",
    canRetry: message === last && canRetry,
    results: results.get(message.id) ?? NO_RESULTS,
  });
}

/**
 * @param {Store} store
 * @param {Strings} strings
 */
function retryNote({ state: { status, retry }, retryAt }, strings) {
  if (status !== "retrying" || !retry) return "";
  const seconds = Math.ceil((retryAt - performance.now()) / 1000);
  return seconds > 0 ? strings.retryingIn(retry.reason, seconds) : strings.retryingNow(retry.reason);
}
