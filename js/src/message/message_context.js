/** The context that messages show, and the actions on them. */

/** @import { AskNames } from "../composer/name_check.js" */
/** @import { Strings } from "../i18n/strings.js" */
/** @import { Answer, Status, ViewMessage } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Grouped } from "../state/tool_results.js" */

/**
 * The state around a message that it shows.
 *
 * @typedef {object} Context
 * @property {string} note stands in for the status line's own text
 * @property {boolean} canRetry
 * @property {boolean} canContinue whether the model can be asked to continue
 * @property {boolean} needsModel whether it failed because the server does not offer the model
 * @property {boolean} isSilent whether the kernel is not answering at the moment
 * @property {boolean} canAsk whether there is a model
 * @property {boolean} isLast whether nothing follows
 * @property {boolean} isContinued whether the next message continues it
 * @property {boolean} busy whether a turn runs
 * @property {readonly (ViewMessage | undefined)[]} results the results of its tool calls so far
 * @property {ReadonlySet<string>} approvals ids of tool calls that wait for the user
 * @property {{ readonly [id: string]: string }} finished outcomes of calls whose results come after those before them
 * @property {{ readonly [name: string]: string }} titles of tools, in Markdown
 */

/**
 * The user's actions on messages.
 *
 * @typedef {object} Commands
 * @property {() => void} retry
 * @property {() => void} continueAnswer ask the model to continue a partial answer
 * @property {() => void} chooseModel open the list of models
 * @property {(id: string, text: string) => void} edit
 * @property {AskNames} askNames ask what is wrong with the names in a text
 * @property {(id: string) => void} regenerate
 * @property {(id: string) => void} remove
 * @property {(id: string, index: number, step: 1 | -1) => void} switch show another version, one step away
 * @property {(call: string, answer: Answer, reason: string) => void} approve
 * @property {AbortSignal} signal aborts when the view ends
 */

/** Statuses after which a reply can be retried. @type {ReadonlySet<Status>} */
const RETRIABLE = new Set(["error", "interrupted", "stopped"]);

/** Milliseconds of silence after which a note says that nothing new arrives. */
const QUIET = 5000;

/** @type {Context["results"]} */
const NO_RESULTS = [];

/**
 * Return a function that returns the context of a message.
 *
 * @param {Store} store
 * @param {Grouped} grouped
 * @param {Strings} strings
 * @returns {(message: ViewMessage) => Context}
 */
export function createContextOf(store, { shown, results, continued }, strings) {
  const { busy, state } = store;
  const last = shown.at(-1);
  const note = noteOf(store, strings);
  const canRetry = state.status === "ready" && last?.role === "assistant" && isPartial(last);
  const common = {
    busy,
    isSilent: store.kernel === "silent",
    canAsk: state.connection.kind !== "none" && !store.isAlone,
    approvals: new Set(state.approvals),
    finished: state.finished ?? {},
    titles: state.look.titles,
  };
  return (message) => ({
    ...common,
    isLast: message === last,
    isContinued: continued.has(message.id),
    note: message === last ? note : "",
    canRetry: message === last && canRetry,
    canContinue:
      message === last && canRetry && message.content.length > 0 && message.tool_calls.length === 0,
    needsModel:
      message === last &&
      canRetry &&
      message.error_code === "model_not_found" &&
      state.connection.kind === "server",
    results: results.get(message.id) ?? NO_RESULTS,
  });
}

/** Return true if an answer may be incomplete. @param {ViewMessage} message */
const isPartial = ({ status, finish_reason }) => RETRIABLE.has(status) || finish_reason === "length";

/**
 * Return the text that the last message shows in place of its status, or an empty text.
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
