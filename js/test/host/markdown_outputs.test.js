import assert from "node:assert/strict";
import { test } from "node:test";
import { syncMarkdownOutputs } from "../../src/host/markdown_outputs.js";
import { Store } from "../../src/state/store.js";
import { snapshot } from "../support.js";

const OURS = { metadata: { chatwidget: snapshot().channel } };

/** @param {string} text */
const markdown = (text) => ({ data: { "text/markdown": text }, ...OURS });

/**
 * Create a notebook with a Markdown cell and a cell with some outputs.
 *
 * @param {any[]} outputs
 */
function notebook(outputs) {
  /** @type {Set<any>} */
  const listeners = new Set();
  const list = {
    get length() {
      return outputs.length;
    },
    get: (/** @type {number} */ index) => outputs[index],
    set: (/** @type {number} */ index, /** @type {any} */ output) => {
      outputs[index] = output;
    },
  };
  const iopubMessage = {
    connect: (/** @type {any} */ listener) => listeners.add(listener),
    disconnect: (/** @type {any} */ listener) => listeners.delete(listener),
  };
  const context = {
    ready: Promise.resolve(),
    model: { cells: [{}, { outputs: list }] },
    sessionContext: { iopubMessage },
  };
  const emit = (/** @type {string} */ type, /** @type {any} */ content) => {
    for (const listener of listeners) listener(null, { header: { msg_type: type }, content });
  };
  return { context, listeners, emit };
}

/** @param {any} manager */
async function keep(manager) {
  const ending = new AbortController();
  let asked = 0;
  const refresh = () => {
    asked += 1;
  };
  syncMarkdownOutputs(manager, {
    store: new Store(snapshot()),
    isShown: () => true,
    refresh,
    signal: ending.signal,
  });
  await Promise.resolve();
  return { ending, asked };
}

test("the output with the mark follows the kernel", async () => {
  const outputs = [markdown("old"), { data: { "text/markdown": "old" }, metadata: {} }, markdown("new")];
  const [, other, same] = outputs;
  const { context, listeners, emit } = notebook(outputs);
  const { ending, asked } = await keep({ context });
  assert.equal(asked, 1);
  emit("update_display_data", { ...markdown("theirs"), metadata: { chatwidget: "another" } });
  emit("display_data", markdown("a new one"));
  assert.equal(outputs[0]?.data["text/markdown"], "old");
  emit("update_display_data", markdown("new"));
  assert.deepEqual(outputs[0], { output_type: "display_data", ...markdown("new") });
  assert.equal(outputs[1], other);
  assert.equal(outputs[2], same);
  ending.abort();
  assert.equal(listeners.size, 0);
});

test("without an output nothing is requested, and other hosts are left alone", async () => {
  const { asked, ending } = await keep({ context: notebook([{ metadata: {} }]).context });
  assert.equal(asked, 0);
  ending.abort();
  for (const manager of [undefined, {}, { context: {} }]) assert.equal((await keep(manager)).asked, 0);
});
