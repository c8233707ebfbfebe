/**
 * Messages between kernel and view: their types, and guards that check them.
 * Mirrors `_comm/protocol.py`; `tests/wire/*.json` tests both.
 */

import {
  anyOf,
  isBoolean,
  isCount,
  isNumber,
  isRecord,
  isString,
  listOf,
  mapOf,
  oneOf,
  optional,
  orNull,
  ownValue,
  partOf,
  record,
  unionBy,
} from "./guards.js";

/** @import { Guard, Shape } from "./guards.js" */

/** @typedef {"user" | "assistant" | "system" | "developer" | "tool" | "function"} Role */
/** @typedef {"waiting" | "streaming" | "complete" | "stopped" | "interrupted" | "error"} Status */
/** @typedef {{ type: string, [key: string]: unknown }} Part */
/** @typedef {{ id: string, name: string, arguments: string }} ToolCall */
/** @typedef {{ prompt_tokens: number | null, completion_tokens: number | null, total_tokens: number | null }} Usage */
/** @typedef {{ first_token: number | null, duration: number | null, reasoning?: number | null }} Timings seconds */
/** @typedef {{ url: string, title: string }} Citation */
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
 * @property {string | null} error_code the code of the error, as in `notice_code`, or the outcome of a tool call
 * @property {Timings} timings
 * @property {Branch} branch
 * @property {{ count: number, summarized: boolean }} [left_out] oldest messages that were not sent for it
 * @property {string} [tool_call_id]
 * @property {string | null} [sound] a data URL
 * @property {Citation[]} [citations] its sources
 * @property {string | null} [log] what the user's code printed for it, and its traceback if it failed
 */

/** @typedef {Partial<ViewMessage> & Pick<ViewMessage, "id" | "role">} SparseMessage without default values */

/** @typedef {{ id: string, text: string, held?: boolean }} Queued held: by Stop; missing if code waits for the answer */
/** @typedef {{ attempt: number, delay: number, reason: string }} Retrying delay in seconds from receipt */
/** @typedef {{ name: string, mime: string, data: string }} Attachment data in base64 */
/** @typedef {{ number: number, base_url: string | null, pending: boolean }} Attempt to connect, the last one */
/** @typedef {{ names: string[], error: string | null, pending: boolean }} Models of the connected server */
/** @typedef {{ name: string, base_url: string, models: string[] }} Server one found on this computer */
/** @typedef {{ found: Server[], pending: boolean }} Servers */
/** @typedef {{ system_prompt: string, temperature: number | null, max_tokens: number | null }} Setup */
/** @typedef {{ label: string, text: string }} Starter */
/** @typedef {{ prompt_tokens: number, completion_tokens: number, dollars: number | null, is_part: boolean }} Spent is_part: the dollars cover a part only */

/**
 * @typedef {object} Look
 * @property {string | null} locale
 * @property {string | null} height a CSS length
 * @property {Starter[]} starters
 * @property {Record<string, string>} titles Markdown, by the name of a tool
 */

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
 * @property {string | null} notice_code the code of the notice, for views to translate it
 * @property {Connection} connection
 * @property {Attempt | null} [attempt]
 * @property {Models | null} models
 * @property {Servers | null} servers
 * @property {Setup} setup
 * @property {boolean} restorable whether `restore` has something to restore
 * @property {number | null} [previous] how many messages a new chat can bring back; null for one that is not new
 * @property {string[]} approvals ids of the tool calls that wait for the user
 * @property {Record<string, string>} [finished] outcomes of tool calls that wait for those before them, by id
 * @property {Spent | null} [spent] on the whole conversation
 * @property {string[]} [context] labels of the notebook context that each question includes
 * @property {Look} look
 */

/** @typedef {{ version: 1, rev: number, channel: string, messages: SparseMessage[], state: State }} SparseSnapshot */
/** @typedef {Omit<SparseSnapshot, "messages"> & { messages: ViewMessage[] }} Snapshot */

/** @typedef {"content" | "reasoning" | "refusal"} TextField */

/**
 * @typedef {{ op: "add", message: SparseMessage }
 *   | { op: "text", id: string, field: TextField, offset: number, text: string }
 *   | { op: "text", id: string, field: "arguments", call: number, offset: number, text: string }
 *   | { op: "call", id: string, call: number, value: ToolCall }
 *   | { op: "set", id: string, values: Partial<ViewMessage> }
 *   | { op: "cut", length: number }
 *   | { op: "state", values: Partial<State> }} Op
 */

/** @typedef {{ type: "patch", rev: number, ops: unknown[] }} Patch its ops are checked as they are applied */
/** @typedef {Patch | { type: "snapshot", snapshot: SparseSnapshot }} KernelMessage */
/** @typedef {{ type: "file", name: string, mime: string, text: string }} FileMessage the answer to `export` */
/** @typedef {{ type: "resource", name: string, text: string }} ResourceMessage the source of an ES module */
/** @typedef {{ name: string, kind: string }} Name of a variable, and its type */
/** @typedef {{ type: "names", names: Name[] }} NamesMessage the answer to `complete` */
/** @typedef {{ written: string, nearest: string | null, is_name: boolean }} Mistake what names no variable */
/**
 * The context of a question.
 *
 * @typedef {{ type: "preview", id: string, names: Name[], mistakes: Mistake[], text: string }} PreviewMessage
 */
/** @typedef {{ type: "ack", sender: string, number: number, rev: number }} Ack of all commands up to this number */

/** @typedef {"markdown" | "html" | "notebook" | "json"} ExportFormat */
/** @typedef {"once" | "always" | "refuse"} Answer to the question whether a tool may run */

/**
 * @typedef {{ type: "resync", rev: number }
 *   | { type: "submit", id: string, text: string, attachments?: Attachment[] }
 *   | { type: "edit", id: string, of: string, text: string, attachments?: Attachment[] }
 *   | { type: "regenerate", id: string }
 *   | { type: "switch", id: string, index: number }
 *   | { type: "remove", id: string }
 *   | { type: "clear" }
 *   | { type: "restore", conversation?: string }
 *   | { type: "setup", values: Partial<Setup> }
 *   | { type: "model", name: string }
 *   | { type: "models" }
 *   | { type: "servers" }
 *   | { type: "export", format: ExportFormat }
 *   | { type: "resource", name: string }
 *   | { type: "outputs" }
 *   | { type: "skip" }
 *   | { type: "approve", call: string, answer: Answer, reason: string }
 *   | { type: "stop", last?: string }
 *   | { type: "release", id: string }
 *   | { type: "withdraw", id: string }
 *   | { type: "retry" }
 *   | { type: "complete" }
 *   | { type: "preview", id: string, text: string, whole: boolean }
 *   | { type: "connect", base_url: string, model: string, key: string }
 *   | { type: "connect", demo: true }} Command
 */
/** @typedef {Extract<Command, { type: "connect" }>} Connect */

/** A longer message would make the browser's websocket (limit 10 MiB) close before it arrived. */
export const MAX_TEXT_BYTES = 8 * 1024 * 1024;

/**
 * Return true if a message exceeds the limit.
 *
 * @param {string} text
 * @param {Attachment[]} [attachments]
 */
export function isTooLong(text, attachments = []) {
  const room = attachments.reduce((left, { data }) => left - data.length, MAX_TEXT_BYTES);
  // A code unit takes at most 3 bytes, so nearly all texts need no counting.
  return text.length * 3 > room && new TextEncoder().encode(text).length > room;
}

const isPart = record({ type: isString });
const isToolCall = record({ id: isString, name: isString, arguments: isString });
const isTokens = orNull(isCount);
const isServer = record({ name: isString, base_url: isString, models: listOf(isString) });

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
  error_code: orNull(isString),
  timings: record({
    first_token: orNull(isNumber),
    duration: orNull(isNumber),
    reasoning: orNull(isNumber),
  }),
  branch: record({ index: isCount, count: isCount }),
  left_out: optional(record({ count: isCount, summarized: isBoolean })),
  tool_call_id: optional(isString),
  sound: optional(orNull(isString)),
  citations: optional(listOf(record({ url: isString, title: isString }))),
  log: optional(orNull(isString)),
};

/** @type {Shape} */
const STATE = {
  status: oneOf("disconnected", "ready", "waiting", "streaming", "retrying"),
  queue: listOf(record({ id: isString, text: isString, held: optional(isBoolean) })),
  retry: orNull(record({ attempt: isCount, delay: isNumber, reason: isString })),
  notice: orNull(isString),
  notice_code: orNull(isString),
  connection: record({
    kind: oneOf("none", "server", "callable", "demo"),
    model: orNull(isString),
    base_url: orNull(isString),
    key: orNull(isString),
  }),
  attempt: orNull(record({ number: isCount, base_url: orNull(isString), pending: isBoolean })),
  models: orNull(record({ names: listOf(isString), error: orNull(isString), pending: isBoolean })),
  servers: orNull(record({ found: listOf(isServer), pending: isBoolean })),
  setup: record({ system_prompt: isString, temperature: orNull(isNumber), max_tokens: orNull(isNumber) }),
  restorable: isBoolean,
  previous: optional(orNull(isCount)),
  approvals: listOf(isString),
  finished: optional(mapOf(isString)),
  spent: orNull(
    record({
      prompt_tokens: isCount,
      completion_tokens: isCount,
      dollars: orNull(isNumber),
      is_part: isBoolean,
    }),
  ),
  context: optional(listOf(isString)),
  look: record({
    locale: orNull(isString),
    height: orNull(isString),
    starters: listOf(record({ label: isString, text: isString })),
    titles: mapOf(isString),
  }),
};

/** @type {Guard} */
const isMessage = (value) => record({ id: isString, role: isString })(value) && partOf(MESSAGE)(value);

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

/** @type {Guard} */
const isId = (value) => isString(value) && /^[A-Za-z0-9_-]{1,64}$/.test(value);

const isAttachments = optional(listOf(record({ name: isString, mime: isString, data: isString })));

/** @type {Shape} */
const SETUP = {
  system_prompt: isString,
  temperature: orNull((value) => isNumber(value) && Number(value) >= 0),
  max_tokens: orNull((value) => isCount(value) && value !== 0),
};

const isCommandRecord = unionBy("type", {
  resync: record({ rev: (value) => value === -1 || isCount(value) }),
  submit: record({ id: isId, text: isString, attachments: isAttachments }),
  edit: record({ id: isId, of: isId, text: isString, attachments: isAttachments }),
  regenerate: record({ id: isId }),
  switch: record({ id: isId, index: isCount }),
  remove: record({ id: isId }),
  clear: () => true,
  restore: record({ conversation: optional(isString) }),
  setup: record({ values: partOf(SETUP) }),
  model: record({ name: isString }),
  models: () => true,
  servers: () => true,
  export: record({ format: oneOf("markdown", "html", "notebook", "json") }),
  resource: record({ name: isId }),
  outputs: () => true,
  skip: () => true,
  approve: record({ call: isString, answer: oneOf("once", "always", "refuse"), reason: isString }),
  stop: record({ last: optional(isString) }),
  release: record({ id: isId }),
  withdraw: record({ id: isId }),
  retry: () => true,
  complete: () => true,
  preview: record({ id: isId, text: isString, whole: isBoolean }),
  connect: anyOf(
    record({ demo: (value) => value === true }),
    record({ base_url: isString, model: isString, key: isString }),
  ),
});

/** @type {(value: unknown) => value is SparseSnapshot} */
export function isSnapshot(value) {
  return isSnapshotRecord(value);
}

/** @type {(value: unknown) => value is Op} */
export function isOp(value) {
  return isOpRecord(value);
}

const isNumbered = anyOf(
  record({ sender: isId, number: (value) => isCount(value) && value !== 0 }),
  (value) => isRecord(value) && value.sender === undefined && value.number === undefined,
);

/** @type {(value: unknown) => value is Command} */
export function isCommand(value) {
  return isCommandRecord(value) && isNumbered(value);
}

const isFileRecord = record({ type: oneOf("file"), name: isString, mime: isString, text: isString });
const isResourceRecord = record({ type: oneOf("resource"), name: isString, text: isString });
const isNames = listOf(record({ name: isString, kind: isString }));
const areMistakes = listOf(record({ written: isString, nearest: orNull(isString), is_name: isBoolean }));
const isQueryAnswerRecord = anyOf(
  record({ type: oneOf("names"), names: isNames }),
  record({ type: oneOf("preview"), id: isString, names: isNames, mistakes: areMistakes, text: isString }),
);
const isAckRecord = record({ type: oneOf("ack"), sender: isString, number: isCount, rev: isCount });

/** @type {(value: unknown) => value is FileMessage} */
export function isFile(value) {
  return isFileRecord(value);
}

/** @type {(value: unknown) => value is ResourceMessage} */
export function isResource(value) {
  return isResourceRecord(value);
}

/** @type {(value: unknown) => value is NamesMessage | PreviewMessage} */
export function isQueryAnswer(value) {
  return isQueryAnswerRecord(value);
}

/** @type {(value: unknown) => value is Ack} */
export function isAck(value) {
  return isAckRecord(value);
}

/** Accepts any message that claims to be a patch, even an invalid one. @type {Guard} */
export const claimsPatch = (value) => isRecord(value) && value.type === "patch";

/** @type {(value: unknown) => value is KernelMessage} */
export function isKernelMessage(value) {
  if (!isRecord(value)) return false;
  if (value.type === "patch") return isCount(value.rev) && Array.isArray(value.ops);
  return value.type === "snapshot" && isSnapshot(value.snapshot);
}

/**
 * Return a message with the defaults that the kernel leaves out.
 *
 * @param {SparseMessage} sparse
 * @returns {ViewMessage}
 */
export const withDefaults = (sparse) => ({
  content: "",
  reasoning: "",
  refusal: "",
  tool_calls: [],
  status: "complete",
  finish_reason: null,
  usage: null,
  model: null,
  error: null,
  error_code: null,
  timings: { first_token: null, duration: null, reasoning: null },
  branch: { index: 0, count: 1 },
  ...sparse,
});

/**
 * Return only the values that a message can have.
 *
 * @param {Partial<ViewMessage>} values
 * @returns {Partial<ViewMessage>}
 */
export const messageValues = (values) => pick(MESSAGE, values);

/**
 * Return only the values that the state can have.
 *
 * @param {Partial<State>} values
 * @returns {Partial<State>}
 */
export const stateValues = (values) => pick(STATE, values);

/** @type {<T extends object>(shape: Shape, values: T) => T} */
const pick = (shape, values) =>
  /** @type {any} */ (Object.fromEntries(Object.entries(values).filter(([key]) => ownValue(shape, key))));
