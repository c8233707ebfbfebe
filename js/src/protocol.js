/**
 * What kernel and view say to each other: types, and guards that hold a message to them.
 * The mirror of `_protocol.py`; `tests/wire/*.json` holds both to the same truth.
 */

/** @typedef {"user" | "assistant" | "system" | "developer" | "tool" | "function"} Role */
/** @typedef {"waiting" | "streaming" | "complete" | "stopped" | "interrupted" | "error"} Status */
/** @typedef {{ type: string, [key: string]: unknown }} Part */
/** @typedef {{ id: string, name: string, arguments: string }} ToolCall */
/** @typedef {{ prompt_tokens: number | null, completion_tokens: number | null, total_tokens: number | null }} Usage */
/** @typedef {{ first_token: number | null, duration: number | null }} Timings seconds */
/** @typedef {{ index: number, count: number }} Branch position among siblings */

/**
 * @typedef {object} ViewMessage
 * @property {string} id
 * @property {Role} role
 * @property {string | Part[]} content
 * @property {string} reasoning
 * @property {string} refusal
 * @property {ToolCall[]} tool_calls
 * @property {Status} status
 * @property {string | null} finish_reason
 * @property {Usage | null} usage
 * @property {string | null} model
 * @property {string | null} error
 * @property {Timings} timings
 * @property {Branch} branch
 * @property {string} [tool_call_id]
 */

/** @typedef {{ id: string, text: string }} Queued */
/** @typedef {{ attempt: number, delay: number, reason: string }} Retrying delay in seconds from receipt */

/**
 * @typedef {object} Connection
 * @property {"none" | "server" | "callable" | "demo"} kind
 * @property {string | null} model
 * @property {string | null} base_url
 * @property {string | null} key a mask, never the key
 */

/**
 * @typedef {object} State
 * @property {"disconnected" | "ready" | "waiting" | "streaming" | "retrying"} status
 * @property {Queued[]} queue
 * @property {Retrying | null} retry
 * @property {string | null} notice
 * @property {Connection} connection
 */

/** @typedef {{ version: 1, rev: number, channel: string, messages: ViewMessage[], state: State }} Snapshot */

/** @typedef {"content" | "reasoning" | "refusal"} TextField */

/**
 * @typedef {{ op: "add", message: ViewMessage }
 *   | { op: "text", id: string, field: TextField, offset: number, text: string }
 *   | { op: "text", id: string, field: "arguments", call: number, offset: number, text: string }
 *   | { op: "call", id: string, call: number, value: ToolCall }
 *   | { op: "set", id: string, values: Partial<ViewMessage> }
 *   | { op: "cut", length: number }
 *   | { op: "state", values: Partial<State> }} Op
 */

/** @typedef {{ type: "patch", rev: number, ops: unknown[] }} Patch its ops are checked one by one as they apply */
/** @typedef {Patch | { type: "snapshot", snapshot: Snapshot }} KernelMessage */

/**
 * @typedef {{ type: "resync", rev: number }
 *   | { type: "submit", id: string, text: string }
 *   | { type: "stop" }
 *   | { type: "retry" }
 *   | { type: "connect", base_url: string, model: string, key: string }
 *   | { type: "connect", demo: true }} Command
 */

/** @typedef {(value: unknown) => boolean} Guard */
/** @typedef {{ readonly [key: string]: Guard }} Shape */

/** A longer text would close the browser's websocket (10 MiB) before it arrived. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

/** @param {string} text */
export function isTooLong(text) {
  // A code unit takes at most 3 bytes, so nearly all texts need no counting.
  return text.length * 3 > MAX_TEXT_BYTES && new TextEncoder().encode(text).length > MAX_TEXT_BYTES;
}

/** @type {(value: unknown) => value is string} */
const isString = (value) => typeof value === "string";

/** @type {Guard} */
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/** @type {Guard} */
const isNumber = (value) => Number.isFinite(value);

/** @type {(value: unknown) => value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JupyterLite's kernel hands Python's None over as undefined. @type {(guard: Guard) => Guard} */
const orNull = (guard) => (value) => value === null || value === undefined || guard(value);

/** @type {(guard: Guard) => Guard} */
const listOf = (guard) => (value) => Array.isArray(value) && value.every(guard);

/** @type {(...values: string[]) => Guard} */
const oneOf = (...values) => {
  const known = new Set(values);
  return (value) => isString(value) && known.has(value);
};

/** All keys of `shape` are there and fit; others may be there too. @type {(shape: Shape) => Guard} */
const record = (shape) => (value) =>
  isRecord(value) && Object.entries(shape).every(([key, guard]) => guard(value[key]));

/** @type {(shape: Shape, key: string) => Guard | undefined} */
const known = (shape, key) => (Object.hasOwn(shape, key) ? shape[key] : undefined);

/** Keys of `shape` that are there fit; those it does not name are left alone. @type {(shape: Shape) => Guard} */
const partOf = (shape) => (values) =>
  isRecord(values) && Object.keys(values).every((key) => known(shape, key)?.(values[key]) ?? true);

/** An object whose `key` names one of `shapes`, and which fits that. @type {(key: string, shapes: Shape) => Guard} */
const unionBy = (key, shapes) => (value) =>
  isRecord(value) && isString(value[key]) && Boolean(known(shapes, value[key])?.(value));

/** @type {(...guards: Guard[]) => Guard} */
const anyOf =
  (...guards) =>
  (value) =>
    guards.some((guard) => guard(value));

const isPart = record({ type: isString });
const isToolCall = record({ id: isString, name: isString, arguments: isString });
const isTokens = orNull(isCount);

/** @type {Shape} */
const MESSAGE = {
  id: isString,
  role: oneOf("user", "assistant", "system", "developer", "tool", "function"),
  content: (value) => isString(value) || listOf(isPart)(value),
  reasoning: isString,
  refusal: isString,
  tool_calls: listOf(isToolCall),
  status: oneOf("waiting", "streaming", "complete", "stopped", "interrupted", "error"),
  finish_reason: orNull(isString),
  usage: orNull(record({ prompt_tokens: isTokens, completion_tokens: isTokens, total_tokens: isTokens })),
  model: orNull(isString),
  error: orNull(isString),
  timings: record({ first_token: orNull(isNumber), duration: orNull(isNumber) }),
  branch: record({ index: isCount, count: isCount }),
  tool_call_id: (value) => value === undefined || isString(value),
};

/** @type {Shape} */
const STATE = {
  status: oneOf("disconnected", "ready", "waiting", "streaming", "retrying"),
  queue: listOf(record({ id: isString, text: isString })),
  retry: orNull(record({ attempt: isCount, delay: isNumber, reason: isString })),
  notice: orNull(isString),
  connection: record({
    kind: oneOf("none", "server", "callable", "demo"),
    model: orNull(isString),
    base_url: orNull(isString),
    key: orNull(isString),
  }),
};

const isMessage = record(MESSAGE);

const isSnapshotRecord = record({
  version: (value) => value === 1,
  rev: isCount,
  channel: isString,
  messages: listOf(isMessage),
  state: record(STATE),
});

/** @type {Shape} */
const APPEND = { id: isString, offset: isCount, text: isString };

const isOpRecord = unionBy("op", {
  add: record({ message: isMessage }),
  text: anyOf(
    record({ ...APPEND, field: oneOf("content", "reasoning", "refusal") }),
    record({ ...APPEND, field: oneOf("arguments"), call: isCount }),
  ),
  call: record({ id: isString, call: isCount, value: isToolCall }),
  set: record({ id: isString, values: partOf({ ...MESSAGE, id: () => false }) }),
  cut: record({ length: isCount }),
  state: record({ values: partOf(STATE) }),
});

const isCommandRecord = unionBy("type", {
  resync: record({ rev: (value) => value === -1 || isCount(value) }),
  submit: record({ id: (value) => isString(value) && /^[A-Za-z0-9_-]{1,64}$/.test(value), text: isString }),
  stop: () => true,
  retry: () => true,
  connect: anyOf(
    record({ demo: (value) => value === true }),
    record({ base_url: isString, model: isString, key: isString }),
  ),
});

/** @type {(value: unknown) => value is Snapshot} */
export function isSnapshot(value) {
  return isSnapshotRecord(value);
}

/** @type {(value: unknown) => value is Op} */
export function isOp(value) {
  return isOpRecord(value);
}

/** @type {(value: unknown) => value is Command} */
export function isCommand(value) {
  return isCommandRecord(value);
}

/** A message that says it is a patch, however wrong it may be otherwise. @type {Guard} */
export const claimsPatch = (value) => isRecord(value) && value.type === "patch";

/** @type {(value: unknown) => value is KernelMessage} */
export function isKernelMessage(value) {
  if (!isRecord(value)) return false;
  if (value.type === "patch") return isCount(value.rev) && Array.isArray(value.ops);
  return value.type === "snapshot" && isSnapshot(value.snapshot);
}

/**
 * What of `values` a message has, so that nothing else gets into it.
 *
 * @param {Partial<ViewMessage>} values
 * @returns {Partial<ViewMessage>}
 */
export const messageValues = (values) => pick(MESSAGE, values);

/**
 * @param {Partial<State>} values
 * @returns {Partial<State>}
 */
export const stateValues = (values) => pick(STATE, values);

/** @type {<T extends object>(shape: Shape, values: T) => T} */
const pick = (shape, values) =>
  /** @type {any} */ (Object.fromEntries(Object.entries(values).filter(([key]) => known(shape, key))));
