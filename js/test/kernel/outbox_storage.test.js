import assert from "node:assert/strict";
import { test } from "node:test";
import { OutboxStorage } from "../../src/kernel/outbox_storage.js";

/** A tab's storage, with room for so many characters. */
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

test("what was written is read again, by its own chat only", () => {
  const storage = tabStorage();
  new OutboxStorage(() => storage, "one").write([SENDING]);
  assert.deepEqual(new OutboxStorage(() => storage, "one").read(), [SENDING]);
  assert.deepEqual(new OutboxStorage(() => storage, "other").read(), []);
});

test("nothing stays of what has been confirmed", () => {
  const storage = tabStorage();
  const unsent = new OutboxStorage(() => storage, "one");
  unsent.write([SENDING]);
  unsent.write([]);
  assert.equal(storage.getItem("one-unsent"), null);
});

test("what does not fit into the storage does not leave an older list there", () => {
  const storage = tabStorage(100);
  const unsent = new OutboxStorage(() => storage, "one");
  unsent.write([SENDING]);
  unsent.write([{ ...SENDING, id: "q2", text: "a".repeat(100) }]);
  assert.deepEqual(unsent.read(), []);
});

test("what others put there is left out", () => {
  const storage = tabStorage();
  const unsent = new OutboxStorage(() => storage, "one");
  for (const value of ["{", "null", "{}", '[null, 1, {"id": 1, "text": "a"}, {"id": "a"}]']) {
    storage.setItem("one-unsent", value);
    assert.deepEqual(unsent.read(), [], value);
  }
});

test("a page without storage does without", () => {
  const unsent = new OutboxStorage(() => {
    throw new DOMException("denied", "SecurityError");
  }, "one");
  unsent.write([SENDING]);
  assert.deepEqual(unsent.read(), []);
});
