import assert from "node:assert/strict";
import { test } from "node:test";
import { OutboxStorage } from "../../src/kernel/outbox_storage.js";

/** Create a tab's storage with a quota in characters. */
function tabStorage(room = 1000) {
  /** @type {Map<string, string>} */
  const items = new Map();
  const storage = {
    getItem: (/** @type {string} */ name) => items.get(name) ?? null,
    removeItem: (/** @type {string} */ name) => items.delete(name),
    setItem(/** @type {string} */ name, /** @type {string} */ value) {
      if (value.length > room) throw new DOMException("full", "QuotaExceededError");
      items.set(name, value);
    },
  };
  return /** @type {any} */ (storage);
}

const SENDING = { id: "q1", text: "Why?", lost: false };

test("submissions are read back, by their own chat only", () => {
  const storage = tabStorage();
  new OutboxStorage(() => storage, "one").write([SENDING]);
  assert.deepEqual(new OutboxStorage(() => storage, "one").read(), [SENDING]);
  assert.deepEqual(new OutboxStorage(() => storage, "other").read(), []);
});

test("nothing of a confirmed submission is kept", () => {
  const storage = tabStorage();
  const unsent = new OutboxStorage(() => storage, "one");
  unsent.write([SENDING]);
  unsent.write([]);
  assert.equal(storage.getItem("one-unsent"), null);
});

test("submissions that exceed the quota leave no older list behind", () => {
  const storage = tabStorage(100);
  const unsent = new OutboxStorage(() => storage, "one");
  unsent.write([SENDING]);
  unsent.write([{ ...SENDING, id: "q2", text: "a".repeat(100) }]);
  assert.deepEqual(unsent.read(), []);
});

test("values of other origin are ignored", () => {
  const storage = tabStorage();
  const unsent = new OutboxStorage(() => storage, "one");
  for (const value of ["{", "null", "{}", '[null, 1, {"id": 1, "text": "a"}, {"id": "a"}]']) {
    storage.setItem("one-unsent", value);
    assert.deepEqual(unsent.read(), [], value);
  }
});

test("a page without storage works without it", () => {
  const unsent = new OutboxStorage(() => {
    throw new DOMException("denied", "SecurityError");
  }, "one");
  unsent.write([SENDING]);
  assert.deepEqual(unsent.read(), []);
});
