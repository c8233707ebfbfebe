import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Delivery } from "../../src/kernel/delivery.js";
import { Outbox } from "../../src/kernel/outbox.js";
import { OutboxStorage } from "../../src/kernel/outbox_storage.js";
import { isCommand } from "../../src/protocol/messages.js";
import { Store } from "../../src/state/store.js";
import { message, patch, snapshot } from "../support.js";

/** @import { TestContext } from "node:test" */
/** @import { Command, ViewMessage } from "../../src/protocol/messages.js" */

/** @type {(Extract<Command, { type: "submit" | "edit" }> & { sender: string, number: number })[]} */
let sent;

beforeEach(() => {
  sent = [];
});

/** The part of a tab's storage that is used. */
function storage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    kept,
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value),
    removeItem: (/** @type {string} */ name) => kept.delete(name),
  };
}

/**
 * @param {TestContext} t
 * @param {() => any} [kept]
 * @param {ViewMessage[]} [messages]
 */
function boxInvisible(t, kept, messages) {
  if (!messages) t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const ending = new AbortController();
  const store = new Store(snapshot(messages));
  const send = (/** @type {any} */ command) => sent.push(command);
  const delivery = new Delivery(store, { send, signal: ending.signal });
  const outbox = new Outbox(store, {
    delivery,
    storage: kept && new OutboxStorage(kept, "c"),
    signal: ending.signal,
  });
  const tick = (/** @type {number} */ ms) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  return { store, delivery, outbox, tick, end: () => ending.abort() };
}

/**
 * @param {Delivery} delivery
 * @param {number} rev
 * @param {number} [number]
 */
const acknowledge = (delivery, rev, number = sent.at(-1)?.number) =>
  delivery.receive({ type: "ack", sender: sent[0]?.sender, number, rev });

/**
 * @param {Store} store
 * @param {number} rev
 * @param {string | undefined} id
 */
function arrive(store, rev, id) {
  store.receive(patch(rev, { op: "add", message: message(id ?? "", { role: "user", status: "complete" }) }));
}

test("a text is sent at once, under an id that the kernel accepts", (t) => {
  const { outbox } = boxInvisible(t);
  outbox.submit("Hi");
  outbox.submit("Hi");
  assert.ok(sent.length === 2 && sent.every(isCommand));
  assert.notEqual(sent[0]?.id, sent[1]?.id);
});

test("a submission is done once it is a message or queued", (t) => {
  const { store, delivery, outbox, tick } = boxInvisible(t);
  outbox.submit("one");
  outbox.submit("two");
  arrive(store, 1, sent[0]?.id);
  assert.deepEqual(
    outbox.entries.map(({ text }) => text),
    ["two"],
  );
  store.receive(patch(2, { op: "state", values: { queue: [{ id: sent[1]?.id, text: "two" }] } }));
  assert.deepEqual(outbox.entries, []);
  acknowledge(delivery, 2);
  tick(60_000);
  assert.equal(sent.length, 2);
});

test("a submission is sent again every 3 s under its id, 5 times, and then shown as lost", (t) => {
  const { outbox, tick } = boxInvisible(t);
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
  test(`a kernel that is ${status} and answers is ${busy ? "waited for" : "not waited for"}`, (t) => {
    const { store, delivery, outbox, tick } = boxInvisible(t);
    store.receive(patch(1, { op: "state", values: { status } }));
    outbox.submit("Hi");
    for (let times = 0; times < 20; times += 1) {
      tick(1000);
      delivery.noteAnswer();
      tick(2000);
    }
    assert.equal(outbox.entries[0]?.lost, !busy);
  });
}

test("a lost text can be sent again, or arrive late", (t) => {
  const { store, outbox, tick } = boxInvisible(t);
  outbox.submit("Hi");
  for (let times = 0; times < 6; times += 1) tick(3000);
  outbox.resend(sent[0]?.id ?? "");
  assert.equal(outbox.entries[0]?.lost, false);
  assert.equal(sent.length, 7);
  arrive(store, 1, sent[0]?.id);
  assert.deepEqual(outbox.entries, []);
});

test("a cancelled text is not sent again, and later ones are", (t) => {
  const { outbox, tick } = boxInvisible(t);
  outbox.submit("Hi");
  outbox.submit("Ho");
  assert.equal(outbox.takeBack(sent[0]?.id ?? "").text, "Hi");
  assert.equal(outbox.takeBack("unknown").text, "");
  tick(3000);
  assert.deepEqual(
    sent.slice(2).map(({ type, number }) => [type, number]),
    [
      ["skip", 1],
      ["submit", 2],
    ],
  );
});

test("a submission that the kernel handled but does not show was refused: it is kept, and can be sent again", (t) => {
  const { store, delivery, outbox, tick } = boxInvisible(t);
  outbox.edit("gone", "Ho");
  acknowledge(delivery, 1);
  assert.equal(outbox.entries[0]?.lost, false);
  store.receive(patch(1, { op: "state", values: { notice: "It is not shown any more." } }));
  assert.deepEqual(
    outbox.entries.map(({ text, lost }) => [text, lost]),
    [["Ho", true]],
  );
  tick(60_000);
  assert.equal(sent.length, 1);
  outbox.resend(sent[0]?.id ?? "");
  assert.deepEqual(
    sent.map(({ id, number }) => [id, number]),
    [
      [sent[0]?.id, 1],
      [sent[0]?.id, 2],
    ],
  );
  assert.equal(outbox.entries[0]?.lost, false);
});

test("when the kernel answers again, lost submissions are sent automatically", (t) => {
  const { delivery, outbox, tick } = boxInvisible(t);
  outbox.submit("Hi");
  for (let times = 0; times < 6; times += 1) tick(3000);
  tick(3000);
  delivery.noteAnswer();
  assert.equal(sent.length, 7);
  delivery.noteAnswer();
  assert.equal(sent.length, 7);
  assert.equal(outbox.entries[0]?.lost, true);
  acknowledge(delivery, 1);
  assert.equal(outbox.entries[0]?.lost, false);
});

const picture = { name: "a.png", mime: "image/png", data: "AAAA" };

test("attachments are sent with the text, and come back with it", (t) => {
  const { outbox } = boxInvisible(t);
  outbox.submit("Hi", [picture]);
  assert.deepEqual(sent[0]?.attachments, [picture]);
  assert.deepEqual(outbox.takeBack(sent[0]?.id ?? ""), { of: undefined, text: "Hi", attachments: [picture] });
});

test("large submissions are given more time", (t) => {
  const { outbox, tick } = boxInvisible(t);
  outbox.submit("Hi", [{ ...picture, data: "A".repeat(1_000_000) }]);
  tick(4999);
  assert.equal(sent.length, 1);
  tick(1);
  assert.equal(sent.length, 2);
});

test("an edit is repeated under the id of the new version until that arrives", (t) => {
  const { store, delivery, outbox, tick } = boxInvisible(t);
  outbox.edit("q1", "Ho");
  tick(3000);
  const [{ id, sender } = { id: "", sender: "" }] = sent;
  assert.ok(sent.every(isCommand));
  assert.deepEqual(sent, Array(2).fill({ type: "edit", id, of: "q1", text: "Ho", sender, number: 1 }));
  arrive(store, 1, id);
  acknowledge(delivery, 1);
  assert.deepEqual(outbox.entries, []);
  tick(60_000);
  assert.equal(sent.length, 2);
});

test("an edit states that it removes all attachments", (t) => {
  const { outbox } = boxInvisible(t);
  outbox.edit("q1", "Ho", []);
  assert.deepEqual(sent[0]?.attachments, []);
});

test("views are notified whenever their content changes", (t) => {
  const { store, outbox, tick } = boxInvisible(t);
  let notified = 0;
  const leaving = new AbortController();
  outbox.subscribe(() => {
    notified += 1;
  }, leaving.signal);
  outbox.submit("Hi");
  assert.equal(notified, 1);
  arrive(store, 1, "someone-else");
  assert.equal(notified, 1);
  arrive(store, 2, sent[0]?.id);
  assert.equal(notified, 2);
  leaving.abort();
  outbox.submit("Ho");
  tick(3000);
  assert.equal(notified, 2);
});

test("it ends with its signal", (t) => {
  const { outbox, tick, end } = boxInvisible(t);
  outbox.submit("Hi");
  end();
  tick(60_000);
  assert.equal(sent.length, 1);
});

test("after a reload unconfirmed submissions are sent again under their ids, unless they have arrived", (t) => {
  const tab = storage();
  const before = boxInvisible(t, () => tab);
  for (const text of ["one", "two", "three"]) before.outbox.submit(text);
  before.outbox.edit("q1", "four", []);
  before.outbox.takeBack(sent[1]?.id ?? "");
  const [first, , third, fourth] = sent.splice(0);
  before.end();
  const { store, outbox } = boxInvisible(t, () => tab, [message(first?.id ?? "")]);
  const again = [third, fourth].map((command, index) => ({
    ...command,
    sender: sent[0]?.sender,
    number: index + 1,
  }));
  assert.deepEqual(sent, JSON.parse(JSON.stringify(again)));
  arrive(store, 1, third?.id);
  arrive(store, 2, fourth?.id);
  assert.deepEqual(outbox.entries, []);
  assert.equal(tab.kept.size, 0);
});

test("after a reload undelivered submissions stay undelivered, until the user sends them", (t) => {
  const tab = storage();
  const before = boxInvisible(t, () => tab);
  before.outbox.submit("Hi");
  for (let times = 0; times < 6; times += 1) before.tick(3000);
  sent.splice(0);
  const { outbox } = boxInvisible(t, () => tab, []);
  assert.deepEqual([outbox.entries[0]?.lost, sent.length], [true, 0]);
  outbox.resend(outbox.entries[0]?.id ?? "");
  assert.deepEqual([outbox.entries[0]?.lost, sent[0]?.text], [false, "Hi"]);
});

test("a tab that stores nothing, or nonsense, does no harm", (t) => {
  const throws = () => {
    throw new Error("denied");
  };
  const { outbox } = boxInvisible(t, throws);
  outbox.submit("Hi");
  assert.equal(sent.length, 1);
  for (const nonsense of ["", "{", "{}", "[1, null, {}]"]) {
    const tab = storage();
    tab.kept.set("c-unsent", nonsense);
    assert.deepEqual(boxInvisible(t, () => tab, []).outbox.entries, []);
  }
});

/** @param {Store} store @param {string[]} ids */
const queue = (store, ...ids) =>
  store.receive(
    patch(store.snapshot.rev + 1, {
      op: "state",
      values: { queue: ids.map((id) => ({ id, text: id, held: false })) },
    }),
  );

test("a queued question is taken back with all that it was sent with", (t) => {
  const { store, outbox } = boxInvisible(t);
  const attachments = [{ name: "a.txt", mime: "text/plain", data: "YQ==" }];
  outbox.submit("Why?", attachments);
  const id = sent[0]?.id ?? "";
  queue(store, id, "another");
  assert.deepEqual(outbox.takeBack(id), { of: undefined, text: "Why?", attachments });
  assert.deepEqual(
    store.state.queue.map((queued) => queued.id),
    ["another"],
  );
  assert.equal(outbox.takeBack("another").text, "another");
  assert.deepEqual(store.state.queue, []);
});

test("what a queued question was sent with outlives a reload, and is not sent again", (t) => {
  const kept = storage();
  const attachments = [{ name: "a.txt", mime: "text/plain", data: "YQ==" }];
  const first = boxInvisible(t, () => kept);
  first.outbox.submit("Why?", attachments);
  const id = sent[0]?.id ?? "";
  queue(first.store, id);
  const store = new Store(first.store.snapshot);
  const reloaded = new Outbox(store, {
    delivery: first.delivery,
    storage: new OutboxStorage(() => /** @type {any} */ (kept), "c"),
    signal: new AbortController().signal,
  });
  assert.equal(sent.length, 1);
  assert.deepEqual(reloaded.takeBack(id).attachments, attachments);
});

test("a question that has left the queue is no longer kept", (t) => {
  const kept = storage();
  const { store, outbox } = boxInvisible(t, () => kept);
  outbox.submit("Why?");
  queue(store, sent[0]?.id ?? "");
  assert.equal(kept.kept.size, 1);
  queue(store);
  assert.equal(kept.kept.size, 0);
});
