/** The state that all views of a widget show: a snapshot and the patches applied to it. No DOM. */

import {
  claimsPatch,
  isKernelMessage,
  isOp,
  messageValues,
  stateValues,
  withDefaults,
} from "../protocol/messages.js";
import { Listeners } from "./listeners.js";
import { isGrowing } from "./message_content.js";

/** @import { Op, Patch, Snapshot, State, SparseMessage, SparseSnapshot, ViewMessage } from "../protocol/messages.js" */

/** @typedef {{ ids: Set<string>, list: boolean, state: boolean }} Change by one message from the kernel */
/** @typedef {(change: Change) => void} Listener */
/**
 * The kernel answers, is silent for now, is gone for good, or never was there: the state comes from a file.
 *
 * @typedef {"there" | "silent" | "gone" | "none"} Kernel
 */

/** @type {Snapshot} */
const NOTHING_YET = {
  version: 1,
  rev: -1,
  channel: "",
  messages: [],
  state: {
    status: "disconnected",
    queue: [],
    retry: null,
    notice: null,
    notice_code: null,
    connection: { kind: "none", model: null, base_url: null, key: null },
    attempt: null,
    models: null,
    servers: null,
    setup: { system_prompt: "", temperature: null, max_tokens: null },
    restorable: false,
    approvals: [],
    spent: null,
    look: { locale: null, height: null, starters: [], titles: {} },
  },
};

/** Return the initial snapshot of a store without one. A resync from its `rev` is always answered. */
export const emptySnapshot = () => structuredClone(NOTHING_YET);

/** Return an empty change. @returns {Change} */
export const noChange = () => ({ ids: new Set(), list: false, state: false });

/**
 * Add a later change to an earlier one.
 *
 * @param {Change} change
 * @param {Readonly<Change>} later
 */
export function mergeChange(change, later) {
  for (const id of later.ids) change.ids.add(id);
  change.list ||= later.list;
  change.state ||= later.state;
}

/** The state of one conversation. */
export class Store {
  /** @type {Snapshot} */
  #snapshot;
  /** @type {Map<string, ViewMessage>} */
  #byId = new Map();
  /** @type {Listeners<[Change]>} */
  #listeners = new Listeners();
  #outOfSync = false;
  /** @type {Kernel} */
  #kernel = "there";
  #retryAt = 0;
  #changedAt = performance.now();
  /** Messages of another conversation, which a new one could continue. @type {readonly ViewMessage[]} */
  #previous = [];

  /** @param {SparseSnapshot} snapshot changed in place: the widget model's own copy, which a notebook may save */
  constructor(snapshot) {
    this.#snapshot = Object.assign(snapshot, { messages: snapshot.messages.map(withDefaults) });
    this.#index();
  }

  /** @returns {Readonly<Snapshot>} */
  get snapshot() {
    return this.#snapshot;
  }

  /** @returns {Readonly<State>} */
  get state() {
    return this.#snapshot.state;
  }

  /** True while a turn runs. */
  get busy() {
    return ["waiting", "streaming", "retrying"].includes(this.state.status);
  }

  /** True while patches are ignored until a snapshot arrives. */
  get outOfSync() {
    return this.#outOfSync;
  }

  get kernel() {
    return this.#kernel;
  }

  /** True if no kernel will answer any more. */
  get isAlone() {
    return this.#kernel === "gone" || this.#kernel === "none";
  }

  /**
   * The messages that a new chat can bring back from the page, if its kernel knows of none.
   *
   * @returns {readonly ViewMessage[]}
   */
  get previous() {
    return this.state.previous === 0 ? this.#previous : [];
  }

  /** How many messages a new chat can bring back, from the kernel or from the page. */
  get previousCount() {
    return this.state.previous || this.previous.filter(isSaid).length;
  }

  /**
   * Offer the messages of another store, or those that were offered to it.
   *
   * @param {Store} before
   */
  setPrevious(before) {
    const { messages } = before.snapshot;
    this.#previous = messages.length > 0 ? [...messages] : before.#previous;
    this.#notify({ ...noChange(), state: true });
  }

  /** The time of the last change of a message, on the clock of `performance.now()`. */
  get changedAt() {
    return this.#changedAt;
  }

  /** The time of the next retry, on the clock of `performance.now()`. */
  get retryAt() {
    return this.#retryAt;
  }

  /** @param {string} id */
  get(id) {
    return this.#byId.get(id);
  }

  /**
   * Return true if a submission with this id has arrived.
   *
   * @param {string} id
   */
  has(id) {
    return this.#byId.has(id) || this.state.queue.some((queued) => queued.id === id);
  }

  /**
   * Call a listener at each change until the signal aborts.
   *
   * @param {Listener} listener
   * @param {AbortSignal} signal
   */
  subscribe(listener, signal) {
    this.#listeners.add(listener, signal);
  }

  /**
   * Apply a message from the kernel.
   *
   * @param {unknown} content
   * @returns {"applied" | "ignored" | "resync"} "resync" once, when the state has just fallen out of sync
   */
  receive(content) {
    if (!isKernelMessage(content)) return claimsPatch(content) ? this.#lose() : drop(content);
    return content.type === "snapshot" ? this.#replace(content.snapshot) : this.#patch(content);
  }

  /**
   * Set the kernel's state. A kernel that is gone ends what is running; a later snapshot restores it.
   *
   * @param {Kernel} kernel
   */
  setKernel(kernel) {
    if (kernel === this.#kernel) return;
    this.#kernel = kernel;
    const change = { ...noChange(), state: true };
    if (this.isAlone) this.#interrupt(change);
    this.#notify(change);
  }

  /**
   * Take a question out of the queue, before the kernel does.
   *
   * @param {string} id
   */
  dequeue(id) {
    this.#snapshot.state.queue = this.state.queue.filter((queued) => queued.id !== id);
    this.#notify({ ...noChange(), state: true });
  }

  /** @param {Change} change */
  #interrupt(change) {
    for (const message of this.#snapshot.messages.filter(isGrowing)) {
      message.status = "interrupted";
      change.ids.add(message.id);
    }
    Object.assign(this.#snapshot.state, { status: "disconnected", approvals: [], retry: null });
    this.#outOfSync = true;
  }

  /** @param {SparseSnapshot} snapshot */
  #replace(snapshot) {
    if (!this.#outOfSync && snapshot.rev === this.#snapshot.rev) return "ignored";
    const ids = new Set(this.#byId.keys());
    Object.assign(this.#snapshot, snapshot, { messages: snapshot.messages.map(withDefaults) });
    this.#outOfSync = false;
    this.#kernel = "there";
    this.#index();
    for (const id of this.#byId.keys()) ids.add(id);
    this.#notify({ ids, list: true, state: true });
    return "applied";
  }

  /** @param {Patch} patch */
  #patch(patch) {
    if (this.#outOfSync || patch.rev <= this.#snapshot.rev) return "ignored";
    if (patch.rev !== this.#snapshot.rev + 1) return this.#lose();
    const change = noChange();
    const whole = patch.ops.every((op) => isOp(op) && this.#apply(op, change));
    if (whole) this.#snapshot.rev = patch.rev;
    this.#notify(change);
    return whole ? "applied" : this.#lose();
  }

  /** @returns {"ignored" | "resync"} */
  #lose() {
    if (this.#outOfSync) return "ignored";
    this.#outOfSync = true;
    return "resync";
  }

  /**
   * @param {Op} op
   * @param {Change} change
   * @returns {boolean} whether it fitted
   */
  #apply(op, change) {
    switch (op.op) {
      case "add":
        return this.#add(op.message, change);
      case "cut":
        return this.#cut(op.length, change);
      case "state":
        return this.#setState(op.values, change);
      default:
        return this.#change(op, change);
    }
  }

  /**
   * @param {SparseMessage} sparse
   * @param {Change} change
   */
  #add(sparse, change) {
    if (this.#byId.has(sparse.id)) return false;
    const message = withDefaults(sparse);
    this.#snapshot.messages.push(message);
    this.#byId.set(message.id, message);
    change.ids.add(message.id);
    change.list = true;
    return true;
  }

  /**
   * @param {number} length
   * @param {Change} change
   */
  #cut(length, change) {
    if (length > this.#snapshot.messages.length) return false;
    for (const message of this.#snapshot.messages.splice(length)) {
      this.#byId.delete(message.id);
      change.ids.add(message.id);
    }
    change.list = true;
    return true;
  }

  /**
   * @param {Partial<State>} values
   * @param {Change} change
   */
  #setState(values, change) {
    Object.assign(this.#snapshot.state, stateValues(values));
    if (values.retry) this.#noteRetry();
    change.state = true;
    return true;
  }

  /**
   * @param {Extract<Op, { id: string }>} op
   * @param {Change} change
   */
  #change(op, change) {
    const message = this.#byId.get(op.id);
    if (!message || !changed(message, op)) return false;
    change.ids.add(op.id);
    return true;
  }

  #index() {
    this.#byId = new Map(this.#snapshot.messages.map((message) => [message.id, message]));
    if (this.state.retry) this.#noteRetry();
  }

  #noteRetry() {
    this.#retryAt = performance.now() + (this.state.retry?.delay ?? 0) * 1000;
  }

  /** @param {Change} change */
  #notify(change) {
    if (change.ids.size > 0) this.#changedAt = performance.now();
    this.#listeners.notify(change);
  }
}

/** @param {ViewMessage} message */
const isSaid = ({ role }) => role === "user" || role === "assistant";

/**
 * @param {ViewMessage} message
 * @param {Extract<Op, { id: string }>} op
 * @returns {boolean} whether it fitted
 */
function changed(message, op) {
  if (op.op === "set") {
    Object.assign(message, messageValues(op.values));
    return true;
  }
  if (op.op === "call") {
    if (op.call > message.tool_calls.length) return false;
    message.tool_calls[op.call] = op.value;
    return true;
  }
  if (op.field === "arguments") return appended(message.tool_calls[op.call], "arguments", op);
  return appended(message, op.field, op);
}

/**
 * @template {string} F
 * @param {{ [K in F]: unknown } | undefined} target
 * @param {F} field
 * @param {{ offset: number, text: string }} op
 * @returns {boolean} whether it fitted
 */
function appended(target, field, { offset, text }) {
  const before = target?.[field];
  if (!target || typeof before !== "string" || before.length !== offset) return false;
  target[field] = before + text;
  return true;
}

/**
 * @param {unknown} content
 * @returns {"ignored"}
 */
function drop(content) {
  console.warn("chatwidget: a message that this view does not know was dropped", content);
  return "ignored";
}
