/** What messages show besides themselves. */

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Answer, Status, ViewMessage } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Grouped } from "../state/tool_results.js" */

/**
 * What a message shows besides itself.
 *
 * @typedef {object} Context
 * @property {string} note stands in for the status line's own text
 * @property {boolean} canRetry
 * @property {boolean} canGoOn whether the model can be asked for the rest
 * @property {boolean} needsModel whether it failed because the server does not offer the model
 * @property {boolean} isDeaf whether the kernel does not answer just now
 * @property {boolean} canAsk whether there is a model
 * @property {boolean} isLast whether nothing follows
 * @property {boolean} goesOn whether the next message continues it
 * @property {boolean} busy whether a turn runs
 * @property {readonly (ViewMessage | undefined)[]} results the results of its tool calls, as far as there are any
 * @property {ReadonlySet<string>} approvals ids of tool calls that wait for a person
 * @property {{ readonly [name: string]: string }} titles of tools, in Markdown
 */

/**
 * What a person can do with messages.
 *
 * @typedef {object} Commands
 * @property {() => void} retry
 * @property {() => void} goOn ask for the rest of a partial answer
 * @property {() => void} chooseModel show the models that there are
 * @property {(id: string, text: string) => void} edit
 * @property {(id: string) => void} regenerate
 * @property {(id: string) => void} remove
 * @property {(id: string, index: number, step: 1 | -1) => void} switch show another version, which is a step away
 * @property {(call: string, answer: Answer, reason: string) => void} approve
 * @property {AbortSignal} signal ends the view
 */

/** Replies that ended like this can be asked for again. @type {ReadonlySet<Status>} */
const RETRIABLE = new Set(["error", "interrupted", "stopped"]);

/** Milliseconds after which it is said that nothing more of an answer comes. */
const QUIET = 5000;

/** @type {Context["results"]} */
const NO_RESULTS = [];

/**
 * @param {Store} store
 * @param {Grouped} grouped
 * @param {Strings} strings
 * @returns {(message: ViewMessage) => Context}
 */
export function createContextOf(store, { shown, results, goesOn }, strings) {
  const { busy, state } = store;
  const last = shown.at(-1);
  const note = noteOf(store, strings);
  const canRetry = state.status === "ready" && last?.role === "assistant" && isPartial(last);
  const common = {
    busy,
    isDeaf: store.kernel === "silent",
    canAsk: state.connection.kind !== "none" && !store.isAlone,
    approvals: new Set(state.approvals),
    titles: state.look.titles,
  };
  return (message) => ({
    ...common,
    isLast: message === last,
    goesOn: goesOn.has(message.id),
    note: message === last ? note : "",
    canRetry: message === last && canRetry,
    canGoOn: message === last && canRetry && message.content.length > 0 && message.tool_calls.length === 0,
    needsModel:
      message === last &&
      canRetry &&
      message.error_code === "model_not_found" &&
      state.connection.kind === "server",
    results: results.get(message.id) ?? NO_RESULTS,
  });
}

/** Whether there may be more to an answer. @param {ViewMessage} message */
const isPartial = ({ status, finish_reason }) => RETRIABLE.has(status) || finish_reason === "length";

/**
 * What the last message shows in place of its status.
 *
 * @param {Store} store
 * @param {Strings} strings
 */
function noteOf({ kernel, busy, changedAt, state: { status, retry }, retryAt }, strings) {
  if (kernel === "silent" && busy) return strings.noAnswer;
  const quiet = performance.now() - changedAt;
  if (status === "streaming" && quiet >= QUIET) return strings.quiet(Math.floor(quiet / 1000));
  if (status !== "retrying" || !retry) return "";
  const seconds = Math.ceil((retryAt - performance.now()) / 1000);
  return seconds > 0 ? strings.retryingIn(retry.reason, seconds) : strings.retryingNow(retry.reason);
}
