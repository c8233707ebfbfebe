import assert from "node:assert/strict";
import { test } from "node:test";
import { fromSavedState, toSavedState } from "../../src/state/saved_state.js";
import { Store } from "../../src/state/store.js";
import { append, message, patch, snapshot } from "../support.js";

/** @param {Store} store */
const savedIn = (store) => fromSavedState(structuredClone({ json: toSavedState(store).json }));

test("the state is that of the moment of saving", () => {
  const store = new Store(snapshot([message("a1")], 3));
  const value = toSavedState(store);
  store.receive(patch(4, append("a1", 0, "Hello")));
  const saved = fromSavedState({ json: value.json });
  assert.deepEqual([saved?.rev, saved?.messages[0]?.content], [4, "Hello"]);
});

test("no address, key or list of servers is saved", () => {
  const from = snapshot();
  from.state.connection = { kind: "server", model: "m", base_url: "http://localhost:1/v1", key: "•••1" };
  from.state.models = { names: ["m"], error: null, pending: false };
  from.state.servers = { found: [{ name: "s", base_url: "http://localhost:1", models: [] }], pending: false };
  const state = savedIn(new Store(from))?.state;
  assert.deepEqual(state?.connection, { kind: "server", model: "m", base_url: null, key: null });
  assert.deepEqual([state?.models, state?.servers], [null, null]);
});

test("the JSON can stand in a script: it has no <", () => {
  const store = new Store(snapshot([message("a1", { content: "</script><!--" })]));
  assert.ok(!toSavedState(store).json.includes("<"));
  assert.equal(savedIn(store)?.messages[0]?.content, "</script><!--");
});

test("values of a kernel, broken JSON and other snapshots are not saved states", () => {
  for (const value of [null, undefined, snapshot(), { json: 1 }, { json: "{" }, { json: '{"version":2}' }])
    assert.equal(fromSavedState(value), null);
});
