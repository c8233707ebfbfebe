import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Sync } from "../../src/kernel/sync.js";
import { emptySnapshot, Store } from "../../src/state/store.js";
import { append, message, patch, snapshot } from "../support.js";

/** @import { TestContext } from "node:test" */
/** @import { Command, Snapshot } from "../../src/protocol/messages.js" */

/** @type {Command[]} */
let sent;
let visible = true;
let open = true;

beforeEach(() => {
  sent = [];
  visible = true;
  open = true;
});

/**
 * @param {TestContext} t
 * @param {Snapshot} from
 */
function started(t, from) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const ending = new AbortController();
  const send = (/** @type {Command} */ command) => open && sent.push(command) > 0;
  const store = new Store(from);
  const sync = new Sync(store, { send, isVisible: () => visible, signal: ending.signal });
  sync.start();
  // One by one: timers started by timers would otherwise start at the end of the interval.
  const tick = (/** @type {number} */ ms) => {
    for (let passed = 0; passed < ms; passed += 1) t.mock.timers.tick(1);
  };
  return { sync, store, tick, end: () => ending.abort() };
}

const asked = (/** @type {number[]} */ ...revs) => revs.map((rev) => ({ type: "resync", rev }));
const answer = (/** @type {number} */ rev) => patch(rev);
const busy = () => ({ op: "state", values: { status: "streaming" } });

test("the first request is sent at once, with the current revision", (t) => {
  started(t, snapshot([], 7));
  assert.deepEqual(sent, asked(7));
});

test("without a snapshot the request is one that is always answered", (t) => {
  started(t, emptySnapshot());
  assert.deepEqual(sent, asked(-1));
});

test("after a gap a snapshot is requested at once, and again every 2 s until it arrives", (t) => {
  const { sync, tick } = started(t, snapshot());
  sync.receive(patch(3));
  sync.receive(patch(4));
  assert.deepEqual(sent, asked(0, -1));
  tick(1999);
  assert.equal(sent.length, 2);
  tick(1);
  tick(2000);
  assert.deepEqual(sent, asked(0, -1, -1, -1));
  sync.receive({ type: "snapshot", snapshot: snapshot([message("a1")], 4) });
  tick(14_999);
  assert.equal(sent.length, 4);
});

test("after 1 s of silence during a turn the state is requested, visible or not, and less often while nothing answers", (t) => {
  const { sync, tick } = started(t, snapshot());
  visible = false;
  sync.receive(patch(1, busy()));
  tick(999);
  sync.receive(patch(2, { op: "cut", length: 0 }));
  tick(999);
  assert.deepEqual(sent, asked(0));
  tick(1);
  assert.deepEqual(sent, asked(0, 2));
  tick(59_000);
  assert.equal(sent.length, 8);
});

test("a kernel that answered in this turn and then stops is silent after 2 s, until its next message", (t) => {
  const { sync, store, tick } = started(t, snapshot());
  sync.receive(patch(1, busy()));
  sync.receive(answer(1));
  tick(1999);
  assert.equal(store.kernel, "there");
  tick(1);
  assert.equal(store.kernel, "silent");
  sync.receive(patch(2, append("nobody", 0, "")));
  assert.equal(store.kernel, "there");
});

test("a kernel that has never answered in this turn, or is idle, does not count as silent", (t) => {
  const { sync, store, tick } = started(t, snapshot());
  sync.receive(answer(0));
  tick(60_000);
  assert.equal(store.kernel, "there");
  sync.receive(patch(1, busy()));
  sync.receive(patch(2, busy()));
  tick(60_000);
  assert.equal(store.kernel, "there");
});

test("a kernel whose comm is closed is gone, and its answer is interrupted", (t) => {
  const { sync, store, tick } = started(t, snapshot([message("a1", { content: "One" })]));
  sync.receive(patch(1, busy()));
  open = false;
  tick(1000);
  assert.equal(store.kernel, "gone");
  assert.equal(store.busy, false);
  assert.deepEqual([store.get("a1")?.status, store.get("a1")?.content], ["interrupted", "One"]);
});

test("a kernel that the host reports as lost is gone within a second, unless it answers", (t) => {
  const { sync, store, tick } = started(t, snapshot());
  sync.check();
  tick(999);
  sync.receive(answer(0));
  tick(5000);
  assert.equal(store.kernel, "there");
  sync.check();
  tick(1000);
  assert.equal(store.kernel, "gone");
});

test("a kernel that was taken for gone restores everything with its next message", (t) => {
  const { sync, store } = started(t, snapshot([message("a1", { content: "One" })]));
  open = false;
  sync.check();
  open = true;
  sync.receive(patch(1, append("a1", 3, " two")));
  assert.deepEqual(sent.at(-1), { type: "resync", rev: -1 });
  sync.receive({ type: "snapshot", snapshot: snapshot([message("a1", { content: "One two" })], 0) });
  assert.deepEqual([store.kernel, store.get("a1")?.status], ["there", "streaming"]);
});

test("when idle the state is requested every 15 s, but only while a view is visible", (t) => {
  const { tick } = started(t, snapshot());
  tick(15_000);
  assert.equal(sent.length, 2);
  visible = false;
  tick(15_000);
  assert.equal(sent.length, 2);
  visible = true;
  tick(15_000);
  assert.equal(sent.length, 3);
});

test("it ends with its signal", (t) => {
  const { end, tick } = started(t, snapshot());
  end();
  tick(60_000);
  assert.equal(sent.length, 1);
});
