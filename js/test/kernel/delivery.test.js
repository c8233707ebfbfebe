import assert from "node:assert/strict";
import { test } from "node:test";
import { Delivery } from "../../src/kernel/delivery.js";
import { isCommand } from "../../src/protocol/messages.js";
import { Store } from "../../src/state/store.js";
import { snapshot } from "../support.js";

/** @import { TestContext } from "node:test" */
/** @import { Command } from "../../src/protocol/messages.js" */

/** @param {TestContext} t */
function delivering(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(performance, "now", () => 0);
  /** @type {(Command & { sender: string, number: number })[]} */
  const sent = [];
  const ending = new AbortController();
  const delivery = new Delivery(new Store(snapshot()), {
    send: (command) => sent.push(command),
    signal: ending.signal,
  });
  return {
    sent,
    delivery,
    tick: (/** @type {number} */ ms) => t.mock.timers.tick(ms),
    numbers: () => sent.splice(0).map(({ number }) => number),
    acknowledge: (/** @type {number} */ number, sender = sent[0]?.sender) =>
      delivery.receive({ type: "ack", sender, number, rev: 7 }),
  };
}

test("commands are sent at once, and again in order from the first that is not acknowledged", (t) => {
  const { sent, delivery, tick, numbers, acknowledge } = delivering(t);
  /** @type {number[]} */
  const done = [];
  for (let count = 0; count < 3; count += 1) delivery.put({ type: "retry" }, (rev) => done.push(rev));
  const sender = sent[0]?.sender;
  assert.ok(sent.every(isCommand));
  assert.deepEqual(numbers(), [1, 2, 3]);
  acknowledge(1, sender);
  assert.deepEqual(done, [7]);
  tick(3000);
  assert.deepEqual(numbers(), [2, 3]);
  acknowledge(3, sender);
  assert.deepEqual(done, [7, 7, 7]);
  tick(60_000);
  assert.deepEqual(numbers(), []);
});

test("commands that the kernel misses are sent again soon", (t) => {
  const { sent, delivery, tick, numbers, acknowledge } = delivering(t);
  delivery.put({ type: "retry" });
  delivery.put({ type: "stop" });
  const sender = sent[0]?.sender;
  numbers();
  acknowledge(0, sender);
  tick(250);
  assert.deepEqual(numbers(), [1, 2]);
});

test("acknowledgements of other senders are ignored, and other messages are left to others", (t) => {
  const { sent, delivery, tick, acknowledge } = delivering(t);
  delivery.put({ type: "retry" });
  assert.equal(acknowledge(1, "someone-else"), true);
  assert.equal(delivery.receive({ type: "ack", number: 1 }), false);
  assert.equal(delivery.receive({ type: "patch", rev: 1, ops: [] }), false);
  tick(3000);
  assert.equal(sent.length, 2);
});
