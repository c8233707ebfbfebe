import assert from "node:assert/strict";
import { test } from "node:test";
import { fromSavedState } from "../src/state/saved_state.js";
import factory from "../src/widget.js";
import { append, message, patch, snapshot } from "./support.js";

/** Create the part of anywidget's model that the widget may use. @param {unknown} held */
function fakeModel(held) {
  /** @type {Map<string, (content: unknown) => void>} */
  const handlers = new Map();
  return {
    /** @type {unknown[]} */
    sent: [],
    get: () => held,
    /** Sets the local copy only: nothing is sent without `save_changes`. */
    set: (/** @type {string} */ _, /** @type {unknown} */ value) => {
      held = value;
    },
    on: (/** @type {string} */ name, /** @type {any} */ handler) => handlers.set(name, handler),
    send(/** @type {unknown} */ content) {
      this.sent.push(content);
    },
    save_changes: () => assert.fail("the widget never writes a trait"),
    changed: (/** @type {string} */ name, /** @type {any} */ host = undefined) =>
      handlers.get(`change:${name}`)?.(host),
    emit: (/** @type {unknown} */ content) => handlers.get("msg:custom")?.(content),
  };
}

/**
 * @param {ReturnType<typeof fakeModel>} model
 * @param {AbortSignal} signal
 */
async function initialize(model, signal) {
  const widget = await /** @type {any} */ (factory)();
  return widget.initialize({ model, signal });
}

test("R11: initialize returns at once, having subscribed and requested the state", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const model = fakeModel(snapshot([message("a1")], 3));
  assert.equal(await initialize(model, ending.signal), undefined);
  assert.deepEqual(model.sent, [{ type: "resync", rev: 3 }]);
});

test("the model's value is what a notebook saves: everything, without a < and without the server", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const model = fakeModel(snapshot([message("a1")], 3));
  await initialize(model, ending.signal);
  model.emit(patch(4, append("a1", 0, "<!--<script>")));
  // As when JupyterLab saves the notebook and nbconvert converts it.
  const file = JSON.stringify(structuredClone(model.get()));
  assert.ok(!file.includes("<"));
  const saved = fromSavedState(JSON.parse(file));
  assert.deepEqual([saved?.rev, saved?.messages[0]?.content], [4, "<!--<script>"]);
  assert.deepEqual([saved?.state.connection.base_url, saved?.state.connection.key], [null, null]);
});

test("a state that a program saved, without a page, sends no requests", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const model = fakeModel(snapshot([message("a1")], 3));
  // The host's model of a saved widget, which Backbone hands to listeners of changes.
  const host = { comm_live: false };
  const set = model.set;
  model.set = (name, value) => {
    set(name, value);
    model.changed(name, host);
  };
  await initialize(model, ending.signal);
  assert.deepEqual(model.sent, []);
});

test("a saved state sends no requests", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const first = fakeModel(snapshot([message("a1")], 3));
  await initialize(first, ending.signal);
  const model = fakeModel(structuredClone(first.get()));
  await initialize(model, ending.signal);
  assert.deepEqual(model.sent, []);
});

test("a new value from the kernel does not replace the saved one", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const model = fakeModel(snapshot([message("a1")], 3));
  await initialize(model, ending.signal);
  model.set("_snapshot", snapshot([], 9));
  model.changed("_snapshot");
  assert.equal(fromSavedState(model.get())?.rev, 3);
});

test("an invalid snapshot is requested again", async (t) => {
  for (const nonsense of [undefined, null, {}, { ...snapshot(), version: 2 }]) {
    const ending = new AbortController();
    t.after(() => ending.abort());
    const model = fakeModel(nonsense);
    await initialize(model, ending.signal);
    assert.deepEqual(model.sent, [{ type: "resync", rev: -1 }]);
  }
});

test("a closed comm does no harm", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const warn = t.mock.method(console, "warn", () => {});
  const model = fakeModel(snapshot());
  model.send = () => {
    throw new Error("closed");
  };
  await initialize(model, ending.signal);
  assert.equal(warn.mock.callCount(), 1);
});
