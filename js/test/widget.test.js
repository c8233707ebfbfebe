import assert from "node:assert/strict";
import { test } from "node:test";
import factory from "../src/widget.js";
import { append, message, patch, snapshot } from "./support.js";

/** What anywidget gives `initialize`, as far as the widget may touch it. @param {unknown} held */
function fakeModel(held) {
  /** @type {Map<string, (content: unknown) => void>} */
  const handlers = new Map();
  return {
    /** @type {unknown[]} */
    sent: [],
    get: () => held,
    on: (/** @type {string} */ name, /** @type {any} */ handler) => handlers.set(name, handler),
    send(/** @type {unknown} */ content) {
      this.sent.push(content);
    },
    set: () => assert.fail("the widget never writes a trait"),
    save_changes: () => assert.fail("the widget never writes a trait"),
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

test("R11: initialize is done at once, having subscribed and asked", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const model = fakeModel(snapshot([message("a1")], 3));
  assert.equal(await initialize(model, ending.signal), undefined);
  assert.deepEqual(model.sent, [{ type: "resync", rev: 3 }]);
});

test("patches go into the model's own snapshot", async (t) => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const held = snapshot([message("a1")], 3);
  const model = fakeModel(held);
  await initialize(model, ending.signal);
  model.emit(patch(4, append("a1", 0, "Hi")));
  assert.deepEqual([held.rev, held.messages[0]?.content], [4, "Hi"]);
});

test("a snapshot that does not fit is asked for anew", async (t) => {
  for (const nonsense of [undefined, null, {}, { ...snapshot(), version: 2 }]) {
    const ending = new AbortController();
    t.after(() => ending.abort());
    const model = fakeModel(nonsense);
    await initialize(model, ending.signal);
    assert.deepEqual(model.sent, [{ type: "resync", rev: -1 }]);
  }
});

test("a comm that is closed does no harm", async (t) => {
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
