import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Link } from "../src/link.js";
import { emptySnapshot, Store } from "../src/store.js";
import { message, patch, snapshot } from "./support.js";

/** @import { TestContext } from "node:test" */
/** @import { Command, Snapshot } from "../src/protocol.js" */

/** @type {Command[]} */
let sent;
let visible = true;

beforeEach(() => {
  sent = [];
  visible = true;
});

/**
 * @param {TestContext} t
 * @param {Snapshot} from
 */
function linked(t, from) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const ending = new AbortController();
  const send = (/** @type {Command} */ command) => sent.push(command);
  const link = new Link(new Store(from), { send, isVisible: () => visible, signal: ending.signal });
  link.start();
  return { link, tick: (/** @type {number} */ ms) => t.mock.timers.tick(ms), end: () => ending.abort() };
}

const asked = (/** @type {number[]} */ ...revs) => revs.map((rev) => ({ type: "resync", rev }));
const busy = () => ({ op: "state", values: { status: "streaming" } });

test("it asks at once, with the revision it has", (t) => {
  linked(t, snapshot([], 7));
  assert.deepEqual(sent, asked(7));
});

test("with nothing to show it asks in a way that is always answered", (t) => {
  linked(t, emptySnapshot());
  assert.deepEqual(sent, asked(-1));
});

test("a gap is asked about at once, and again every 2 s until a snapshot comes", (t) => {
  const { link, tick } = linked(t, snapshot());
  link.receive(patch(3));
  link.receive(patch(4));
  assert.deepEqual(sent, asked(0, 0));
  tick(1999);
  assert.equal(sent.length, 2);
  tick(1);
  tick(2000);
  assert.deepEqual(sent, asked(0, 0, 0, 0));
  link.receive({ type: "snapshot", snapshot: snapshot([message("a1")], 4) });
  tick(14_999);
  assert.equal(sent.length, 4);
});

test("silence during a turn is asked about after 3 s, seen or not", (t) => {
  const { link, tick } = linked(t, snapshot());
  visible = false;
  link.receive(patch(1, busy()));
  tick(2999);
  link.receive(patch(2));
  tick(2999);
  assert.deepEqual(sent, asked(0));
  tick(1);
  assert.deepEqual(sent, asked(0, 2));
});

test("when idle it asks every 15 s, but only while it can be seen", (t) => {
  const { tick } = linked(t, snapshot());
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
  const { end, tick } = linked(t, snapshot());
  end();
  tick(60_000);
  assert.equal(sent.length, 1);
});
