/** What a person can do besides writing: a command to the kernel each. */

import { isFile, isResource } from "./protocol.js";
import { Resources } from "./resources.js";

/** @import { Connect } from "./connect.js" */
/** @import { Answer, Command, ExportFormat, FileMessage, Setup } from "./protocol.js" */
/** @import { Store } from "./store.js" */

/** @typedef {(file: FileMessage) => void} FileListener */

/**
 * @typedef {object} Actions
 * @property {() => void} stop
 * @property {() => void} retry
 * @property {(command: Connect) => void} connect
 * @property {(id: string) => void} regenerate another answer in place of the answer `id`
 * @property {(id: string, index: number) => void} switch show sibling number `index` in place of message `id`
 * @property {(id: string) => void} remove message `id` and all that follows it
 * @property {() => void} clear
 * @property {() => void} restore undo the last `clear` or `remove`
 * @property {(values: Partial<Setup>) => void} setup null takes a parameter away
 * @property {(name: string) => void} model another model of the same server
 * @property {() => void} models list the server's; comes as `state.models`
 * @property {() => void} servers look for local ones; comes as `state.servers`
 * @property {(format: ExportFormat) => void} export the file goes to one listener of `onFile`
 * @property {(call: string, answer: Answer, reason?: string) => void} approve
 * @property {(listener: FileListener, signal: AbortSignal) => void} onFile
 * @property {(name: string) => Promise<string>} resource the source of an ES module; rejects when it does not come
 */

/**
 * @param {object} options
 * @param {Store} options.store
 * @param {(command: Command) => void} options.send
 * @param {AbortSignal} options.signal
 * @returns {{ actions: Actions, receive: (content: unknown) => boolean }} `receive` takes the answers, and says so
 */
export function createCommands({ store, send, signal }) {
  const resources = new Resources({ send, signal });
  const files = createFiles();

  /** In JupyterLite no comm is read while a cell waits for the answer; this is. @type {typeof send} */
  const sendAtOnce = (command) => {
    send(command);
    const channel = new BroadcastChannel(store.snapshot.channel);
    channel.postMessage(command);
    channel.close();
  };

  return {
    actions: {
      stop: () => sendAtOnce({ type: "stop" }),
      retry: () => send({ type: "retry" }),
      connect: send,
      regenerate: (id) => send({ type: "regenerate", id }),
      switch: (id, index) => send({ type: "switch", id, index }),
      remove: (id) => send({ type: "remove", id }),
      clear: () => send({ type: "clear" }),
      restore: () => send({ type: "restore" }),
      setup: (values) => send({ type: "setup", values }),
      model: (name) => send({ type: "model", name }),
      models: () => send({ type: "models" }),
      servers: () => send({ type: "servers" }),
      export(format) {
        files.expect();
        send({ type: "export", format });
      },
      approve: (call, answer, reason = "") => sendAtOnce({ type: "approve", call, answer, reason }),
      onFile: files.listen,
      resource: (name) => resources.get(name),
    },
    receive(content) {
      if (isFile(content)) files.receive(content);
      else if (isResource(content)) resources.receive(content);
      else return false;
      return true;
    },
  };
}

/** Files on their way. Every page that shows the widget receives them; the one that asked keeps them, once. */
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
