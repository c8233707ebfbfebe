import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Outbox } from "../src/outbox.js";
import { isCommand } from "../src/protocol.js";
import { Store } from "../src/store.js";
import { message, patch, snapshot } from "./support.js";

/** @import { TestContext } from "node:test" */
/** @import { Command } from "../src/protocol.js" */

/** @type {Extract<Command, { type: "submit" | "edit" }>[]} */
let sent;

beforeEach(() => {
  sent = [];
});

/** @param {TestContext} t */
function boxed(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const ending = new AbortController();
  const store = new Store(snapshot());
  const send = (/** @type {any} */ command) => sent.push(command);
  const outbox = new Outbox(store, { send, signal: ending.signal });
  const tick = (/** @type {number} */ ms) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  return { store, outbox, tick, end: () => ending.abort() };
}

/**
 * @param {Store} store
 * @param {number} rev
 * @param {string | undefined} id
 */
function arrive(store, rev, id) {
  store.receive(patch(rev, { op: "add", message: message(id ?? "", { role: "user", status: "complete" }) }));
}

test("a text is sent at once, under an id the kernel takes", (t) => {
  const { outbox } = boxed(t);
  outbox.submit("Hi");
  outbox.submit("Hi");
  assert.ok(sent.length === 2 && sent.every(isCommand));
  assert.notEqual(sent[0]?.id, sent[1]?.id);
});

test("it is done once it is a message, or queued", (t) => {
  const { store, outbox, tick } = boxed(t);
  outbox.submit("one");
  outbox.submit("two");
  arrive(store, 1, sent[0]?.id);
  assert.deepEqual(
    outbox.entries.map(({ text }) => text),
    ["two"],
  );
  store.receive(patch(2, { op: "state", values: { queue: [{ id: sent[1]?.id, text: "two" }] } }));
  assert.deepEqual(outbox.entries, []);
  tick(60_000);
  assert.equal(sent.length, 2);
});

test("it is sent again every 3 s under its id, 5 times, and then shown as lost", (t) => {
  const { outbox, tick } = boxed(t);
  outbox.submit("Hi");
  for (let times = 1; times <= 5; times += 1) {
    tick(2999);
    assert.equal(sent.length, times);
    tick(1);
    assert.equal(sent.length, times + 1);
    assert.equal(outbox.entries[0]?.lost, false);
  }
  tick(3000);
  assert.equal(outbox.entries[0]?.lost, true);
  tick(60_000);
  assert.equal(sent.length, 6);
  assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
});

for (const status of ["streaming", "ready"]) {
  const busy = status === "streaming";
  test(`a kernel that is ${status} and heard from is ${busy ? "waited for" : "not waited for"}`, (t) => {
    const { store, outbox, tick } = boxed(t);
    store.receive(patch(1, { op: "state", values: { status } }));
    outbox.submit("Hi");
    for (let times = 0; times < 20; times += 1) {
      tick(1000);
      outbox.heard();
      tick(2000);
    }
    assert.equal(outbox.entries[0]?.lost, !busy);
  });
}

test("a lost text can be sent again, or arrive late", (t) => {
  const { store, outbox, tick } = boxed(t);
  outbox.submit("Hi");
  for (let times = 0; times < 6; times += 1) tick(3000);
  outbox.resend(sent[0]?.id ?? "");
  assert.equal(outbox.entries[0]?.lost, false);
  assert.equal(sent.length, 7);
  arrive(store, 1, sent[0]?.id);
  assert.deepEqual(outbox.entries, []);
});

test("a text that is taken back is not sent again", (t) => {
  const { outbox, tick } = boxed(t);
  outbox.submit("Hi");
  assert.equal(outbox.takeBack(sent[0]?.id ?? "").text, "Hi");
  assert.equal(outbox.takeBack("unknown").text, "");
  tick(60_000);
  assert.equal(sent.length, 1);
});

const picture = { name: "a.png", mime: "image/png", data: "AAAA" };

test("attachments go along, and come back with the text", (t) => {
  const { outbox } = boxed(t);
  outbox.submit("Hi", [picture]);
  assert.deepEqual(sent[0], { type: "submit", id: sent[0]?.id, text: "Hi", attachments: [picture] });
  assert.deepEqual(outbox.takeBack(sent[0]?.id ?? ""), { of: undefined, text: "Hi", attachments: [picture] });
});

test("what is large is given more time", (t) => {
  const { outbox, tick } = boxed(t);
  outbox.submit("Hi", [{ ...picture, data: "A".repeat(1_000_000) }]);
  tick(4999);
  assert.equal(sent.length, 1);
  tick(1);
  assert.equal(sent.length, 2);
});

test("an edit is repeated under the id of the new version until that arrives", (t) => {
  const { store, outbox, tick } = boxed(t);
  outbox.edit("q1", "Ho");
  tick(3000);
  const id = sent[0]?.id;
  assert.ok(sent.every(isCommand));
  assert.deepEqual(sent, Array(2).fill({ type: "edit", id, of: "q1", text: "Ho" }));
  arrive(store, 1, id);
  tick(60_000);
  assert.equal(sent.length, 2);
});

test("an edit says when it takes all attachments away", (t) => {
  const { outbox } = boxed(t);
  outbox.edit("q1", "Ho", []);
  assert.deepEqual(sent[0]?.attachments, []);
});

test("views are told whenever what they show changes", (t) => {
  const { store, outbox, tick } = boxed(t);
  let told = 0;
  const leaving = new AbortController();
  outbox.subscribe(() => {
    told += 1;
  }, leaving.signal);
  outbox.submit("Hi");
  assert.equal(told, 1);
  arrive(store, 1, "someone-else");
  assert.equal(told, 1);
  arrive(store, 2, sent[0]?.id);
  assert.equal(told, 2);
  leaving.abort();
  outbox.submit("Ho");
  tick(3000);
  assert.equal(told, 2);
});

test("it ends with its signal", (t) => {
  const { outbox, tick, end } = boxed(t);
  outbox.submit("Hi");
  end();
  tick(60_000);
  assert.equal(sent.length, 1);
});
