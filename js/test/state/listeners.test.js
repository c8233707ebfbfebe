import assert from "node:assert/strict";
import { test } from "node:test";
import { Listeners } from "../../src/state/listeners.js";

test("listeners are called with the values until their signal aborts", () => {
  /** @type {Listeners<[string, number]>} */
  const listeners = new Listeners();
  /** @type {unknown[]} */
  const calls = [];
  const [first, second] = [new AbortController(), new AbortController()];
  listeners.add((...values) => calls.push(["first", ...values]), first.signal);
  listeners.add((...values) => calls.push(["second", ...values]), second.signal);
  listeners.notify("a", 1);
  first.abort();
  listeners.notify("b", 2);
  assert.deepEqual(calls, [
    ["first", "a", 1],
    ["second", "a", 1],
    ["second", "b", 2],
  ]);
});
