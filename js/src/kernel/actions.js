/** The user's actions besides asking; each sends a command to the kernel. */

import { isFile, isQueryAnswer, isResource } from "../protocol/messages.js";
import { toConversationFile } from "../state/conversation_file.js";
import { LazyModules } from "./lazy_modules.js";
import { createNotebookQueries } from "./notebook_queries.js";

/** @import { Answer, Command, Connect, ExportFormat, FileMessage, Setup } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */
/** @import { Delivery } from "./delivery.js" */
/** @import { NotebookQueries } from "./notebook_queries.js" */

/** @typedef {(file: FileMessage) => void} FileListener */

/**
 * @typedef {object} Actions
 * @property {() => void} stop
 * @property {(id: string) => void} release ask a queued question that `stop` holds back
 * @property {(id: string) => void} withdraw take a question out of the queue
 * @property {() => void} retry
 * @property {(command: Connect) => void} connect
 * @property {(id: string) => void} regenerate another answer in place of the answer `id`
 * @property {(id: string, index: number) => void} switch show sibling number `index` in place of message `id`
 * @property {(id: string) => void} remove message `id` and all that follows it
 * @property {() => void} clear
 * @property {() => void} restore undo the last `clear` or `remove`, or bring back the conversation before a new chat
 * @property {(values: Partial<Setup>) => void} setup null removes a parameter
 * @property {(name: string) => void} model another model of the same server
 * @property {() => void} models request the server's models; they arrive as `state.models`
 * @property {() => void} servers search for local servers; they arrive as `state.servers`
 * @property {(format: ExportFormat) => void} export request a file; it goes to one listener of `onFile`
 * @property {(call: string, answer: Answer, reason?: string) => void} approve
 * @property {(listener: FileListener, signal: AbortSignal) => void} onFile
 * @property {NotebookQueries} queries
 * @property {(name: string) => Promise<string>} resource the source of an ES module; rejects if none arrives
 */

/**
 * Create the actions, and the receiver of their answers.
 *
 * @param {object} options
 * @param {Store} options.store
 * @param {Delivery} options.delivery
 * @param {(command: Command) => void} options.send for commands that are repeated until they are answered
 * @param {AbortSignal} options.signal
 * @returns {{ actions: Actions, receive: (content: unknown) => boolean }} `receive` returns true if it took a message
 */
export function createActions({ store, delivery, send, signal }) {
  const modules = new LazyModules({ send, signal });
  const put = (/** @type {Command} */ command) => void delivery.put(command);
  const files = createFiles();
  const { queries, receive } = createNotebookQueries({ send });

  /** Send around the comm too: in JupyterLite no comm is read while a cell waits for the answer. @type {typeof put} */
  const putAtOnce = (command) => {
    put(command);
    const channel = new BroadcastChannel(store.snapshot.channel);
    channel.postMessage(command);
    channel.close();
  };

  return {
    actions: {
      stop() {
        // The copy sent over the comm may be read when another turn is already running.
        const last = store.snapshot.messages.at(-1)?.id;
        putAtOnce({ type: "stop", ...(last === undefined ? {} : { last }) });
      },
      release: (id) => putAtOnce({ type: "release", id }),
      withdraw: (id) => putAtOnce({ type: "withdraw", id }),
      retry: () => put({ type: "retry" }),
      connect: put,
      regenerate: (id) => put({ type: "regenerate", id }),
      switch: (id, index) => put({ type: "switch", id, index }),
      remove: (id) => put({ type: "remove", id }),
      clear: () => put({ type: "clear" }),
      restore() {
        const { previous } = store;
        put({ type: "restore", ...(previous.length > 0 && { conversation: toConversationFile(previous) }) });
      },
      setup: (values) => put({ type: "setup", values }),
      model: (name) => put({ type: "model", name }),
      models: () => put({ type: "models" }),
      servers: () => put({ type: "servers" }),
      export(format) {
        files.expect();
        put({ type: "export", format });
      },
      approve: (call, answer, reason = "") => putAtOnce({ type: "approve", call, answer, reason }),
      onFile: files.listen,
      queries,
      resource: (name) => modules.get(name),
    },
    receive(content) {
      if (isFile(content)) files.receive(content);
      else if (isResource(content)) modules.receive(content);
      else if (isQueryAnswer(content)) receive(content);
      else return false;
      return true;
    },
  };
}

/** Distribute exported files. Every page with the widget receives each file; only the page that asked takes it. */
function createFiles() {
  /** @type {Set<FileListener>} */
  const listeners = new Set();
  let expected = 0;

  return {
    expect() {
      expected += 1;
    },
    /** @type {(listener: FileListener, signal: AbortSignal) => void} */
    listen(listener, signal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
    },
    /** @param {FileMessage} file */
    receive(file) {
      if (expected === 0) return;
      expected -= 1;
      [...listeners].at(-1)?.(file);
    },
  };
}
