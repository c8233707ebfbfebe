import assert from "node:assert/strict";
import { test } from "node:test";
import { isSnapshot } from "../../src/protocol/messages.js";
import { emptySnapshot, Store } from "../../src/state/store.js";
import { append, message, patch, randomNumbers, snapshot, wireCases } from "../support.js";

/** @import { Change } from "../../src/state/store.js" */

const forever = new AbortController().signal;
const cases = wireCases("patches");

for (const { name, snapshot, patches, expected } of cases.filter((one) => one.expected)) {
  test(`patches: ${name}`, () => {
    const store = new Store(snapshot);
    for (const kernelPatch of patches) assert.notEqual(store.receive(kernelPatch), "resync");
    assert.deepEqual(store.snapshot, expected);
    assert.ok(isSnapshot(store.snapshot));
  });
}

for (const { name, snapshot, patches, expect } of cases.filter((one) => one.expect)) {
  test(`${expect}: ${name}`, () => {
    const whole = structuredClone(snapshot);
    const store = new Store(snapshot);
    assert.deepEqual(
      patches.map((/** @type {unknown} */ kernelPatch) => store.receive(kernelPatch)).at(-1),
      expect,
    );
    assert.ok(store.outOfSync);

    assert.equal(store.receive(patches.at(-1)), "ignored", "asks once");
    assert.equal(store.receive({ type: "snapshot", snapshot: { ...whole, rev: 99 } }), "applied");
    assert.deepEqual(store.snapshot, { ...whole, rev: 99 });
    assert.equal(store.receive(patch(100)), "applied");
  });
}

test("the snapshot is changed in place, because the widget's model holds it", () => {
  const held = snapshot([message("a1")]);
  const store = new Store(held);
  store.receive(patch(1, append("a1", 0, "Hi")));
  assert.equal(held.messages[0]?.content, "Hi");
  assert.equal(held.rev, 1);
  store.receive({ type: "snapshot", snapshot: snapshot([message("b1")], 7) });
  assert.deepEqual([held.rev, held.messages[0]?.id], [7, "b1"]);
});

test("listeners receive what changed, and nothing else", () => {
  const store = new Store(snapshot([message("a1"), message("a2")]));
  const changes = listen(store);
  store.receive(patch(1, append("a1", 0, "x")));
  store.receive(patch(2, { op: "state", values: { notice: "n" } }));
  store.receive(patch(3, { op: "add", message: message("a3") }, append("a3", 0, "y")));
  store.receive(patch(4, { op: "cut", length: 2 }));
  assert.deepEqual(changes, [
    { ids: new Set(["a1"]), list: false, state: false },
    { ids: new Set(), list: false, state: true },
    { ids: new Set(["a3"]), list: true, state: false },
    { ids: new Set(["a3"]), list: true, state: false },
  ]);
});

test("a snapshot changes all old and all new messages", () => {
  const store = new Store(snapshot([message("a1")]));
  const changes = listen(store);
  store.receive({ type: "snapshot", snapshot: snapshot([message("a2")], 5) });
  assert.deepEqual(changes, [{ ids: new Set(["a1", "a2"]), list: true, state: true }]);
});

test("a snapshot without news changes nothing", () => {
  const store = new Store(snapshot([message("a1")]));
  const changes = listen(store);
  assert.equal(store.receive({ type: "snapshot", snapshot: snapshot([message("a1")]) }), "ignored");
  assert.deepEqual(changes, []);
});

test("a listener is not called after its signal", () => {
  const store = new Store(snapshot([message("a1")]));
  const ending = new AbortController();
  const changes = listen(store, ending.signal);
  ending.abort();
  store.receive(patch(1, append("a1", 0, "x")));
  assert.deepEqual(changes, []);
});

test("a store without a snapshot takes the first one", () => {
  const store = new Store(emptySnapshot());
  assert.equal(store.receive({ type: "snapshot", snapshot: snapshot([message("a1")], 0) }), "applied");
  assert.equal(store.get("a1")?.id, "a1");
});

test("two stores without snapshots share nothing", () => {
  const store = new Store(emptySnapshot());
  store.receive(patch(0, { op: "add", message: message("a1") }));
  assert.equal(emptySnapshot().messages.length, 0);
});

test("keys of a newer kernel, and inherited ones, stay out of messages and state", () => {
  const store = new Store(snapshot([message("a1")]));
  const values = JSON.parse('{"status": "complete", "mood": "fine", "__proto__": {"polluted": true}}');
  assert.equal(store.receive(patch(1, { op: "set", id: "a1", values })), "applied");
  const { status, ...state } = values;
  assert.equal(store.receive(patch(2, { op: "state", values: { ...state, notice: "n" } })), "applied");
  assert.deepEqual(store.get("a1"), message("a1", { status: "complete" }));
  assert.deepEqual(Object.keys(store.state), Object.keys(snapshot().state));
  assert.equal(/** @type {any} */ (store.get("a1")).polluted, undefined);
});

test("messages of an unknown type are dropped with a warning", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const store = new Store(snapshot());
  for (const nonsense of [null, "x", {}, { type: "news" }]) assert.equal(store.receive(nonsense), "ignored");
  assert.equal(warn.mock.callCount(), 4);
  assert.equal(store.outOfSync, false);
});

test("a broken snapshot does not end the wait for a valid one", (t) => {
  t.mock.method(console, "warn", () => {});
  const store = new Store(snapshot());
  store.receive(patch(9));
  assert.equal(store.receive({ type: "snapshot", snapshot: { version: 1 } }), "ignored");
  assert.ok(store.outOfSync);
});

test("a submission has arrived once it is queued or a message", () => {
  const store = new Store(snapshot([message("u1", { role: "user" })]));
  assert.deepEqual([store.has("u1"), store.has("u2")], [true, false]);
  store.receive(patch(1, { op: "state", values: { queue: [{ id: "u2", text: "" }] } }));
  assert.ok(store.has("u2"));
});

test("a text is the same however it is cut and its pieces are grouped", () => {
  const text = "Añb 😀👩‍🚀 e\u0301 \u{1F1EA}\u{1F1F8} 𝒳 <b>&amp;\r\n\0 مرحبا ".repeat(20);
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = randomNumbers(seed);
    const store = new Store(snapshot([message("a1")]));
    for (const textPatch of inPatches(inPieces(text, random), random))
      assert.equal(store.receive(textPatch), "applied");
    assert.equal(store.get("a1")?.content, text);
  }
});

test("a lost, repeated or swapped patch is never guessed", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = randomNumbers(seed);
    const text = "😀a".repeat(30);
    const patches = [...inPatches(inPieces(text, random), random)];
    const at = Math.floor(random() * (patches.length - 1));
    const lost = patches.toSpliced(at, 1);
    const swapped = patches.toSpliced(at, 2, ...patches.slice(at, at + 2).reverse());
    const doubled = patches.toSpliced(at, 0, ...patches.slice(at, at + 1));
    assert.ok(received(lost).outOfSync);
    assert.ok(patches.length < 2 || received(swapped).outOfSync);
    assert.equal(received(doubled).get("a1")?.content, text);
  }
});

/** @param {unknown[]} patches */
function received(patches) {
  const store = new Store(snapshot([message("a1")]));
  for (const kernelPatch of patches) store.receive(kernelPatch);
  return store;
}

/**
 * @param {Store} store
 * @param {AbortSignal} [signal]
 */
function listen(store, signal = forever) {
  /** @type {Change[]} */
  const changes = [];
  store.subscribe((change) => changes.push(change), signal);
  return changes;
}

/**
 * @param {string} text
 * @param {() => number} random
 */
function* inPieces(text, random) {
  const points = [...text];
  while (points.length) yield points.splice(0, 1 + Math.floor(random() * 12)).join("");
}

/**
 * @param {Iterable<string>} pieces
 * @param {() => number} random
 */
function* inPatches(pieces, random) {
  let [rev, offset] = [0, 0];
  let ops = [];
  for (const piece of pieces) {
    ops.push(append("a1", offset, piece));
    offset += piece.length;
    if (random() < 0.5) continue;
    yield patch(++rev, ...ops);
    ops = [];
  }
  yield patch(++rev, ...ops);
}
