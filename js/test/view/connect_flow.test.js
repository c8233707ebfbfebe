import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectFlow } from "../../src/view/connect_flow.js";
import { snapshot } from "../support.js";

/** @import { State } from "../../src/protocol/messages.js" */

const { state: CONNECTED } = snapshot();
const APART = { ...CONNECTED, connection: { ...CONNECTED.connection, kind: /** @type {const} */ ("none") } };

/** The attempt of a number, under way or over. @type {(number: number, pending: boolean) => State["attempt"]} */
const attempt = (number, pending) => ({ number, pending, base_url: "http://localhost:1234/v1" });

/** @type {(flow: ConnectFlow, state: State, code?: string | null) => boolean} */
const isOpen = (flow, state, code = null) => flow.update(state, code).isOpen;

test("without a connection the panel stays open, even if it is cancelled", () => {
  const flow = new ConnectFlow();
  assert.ok(isOpen(flow, APART));
  flow.cancel();
  assert.ok(isOpen(flow, APART));
  assert.ok(!isOpen(flow, CONNECTED));
});

test("the panel opens and closes as the user wants", () => {
  const flow = new ConnectFlow();
  flow.open();
  assert.ok(isOpen(flow, CONNECTED));
  flow.cancel();
  assert.ok(!isOpen(flow, CONNECTED));
});

test("a notice about connecting opens the panel once, others do not", () => {
  const flow = new ConnectFlow();
  assert.ok(!isOpen(flow, CONNECTED, "rate_limit"));
  assert.ok(isOpen(flow, CONNECTED, "wrong_key"));
  flow.cancel();
  assert.ok(!isOpen(flow, CONNECTED, "wrong_key"));
  assert.ok(isOpen(flow, CONNECTED, "no_host"));
  flow.cancel();
  assert.ok(!isOpen(flow, CONNECTED, null));
  assert.ok(isOpen(flow, CONNECTED, "no_host"));
});

test("an attempt begun here counts before the kernel reports it, and closes the panel when it succeeds", () => {
  const flow = new ConnectFlow();
  const before = { ...CONNECTED, attempt: attempt(3, false) };
  flow.open();
  flow.begin(before);
  for (const state of [before, { ...CONNECTED, attempt: attempt(4, true) }]) {
    const { isOpen, connecting } = flow.update(state, null);
    assert.deepEqual([isOpen, connecting], [true, true]);
  }
  const after = { ...CONNECTED, attempt: attempt(4, false) };
  assert.deepEqual(flow.update(after, null), {
    isOpen: false,
    connected: true,
    connecting: false,
    failed: false,
  });
});

test("the first attempt of a chat is awaited as well", () => {
  const flow = new ConnectFlow();
  flow.begin({ attempt: null });
  assert.ok(flow.update({ ...APART, attempt: null }, null).connecting);
  assert.ok(!flow.update({ ...CONNECTED, attempt: attempt(1, false) }, null).connecting);
});

test("an attempt that failed leaves the panel open", () => {
  const flow = new ConnectFlow();
  flow.begin({ attempt: attempt(1, false) });
  const failure = { ...CONNECTED, attempt: attempt(2, false), notice: "The key is wrong.", notice_code: "x" };
  const { isOpen, connecting, failed } = flow.update(failure, "x");
  assert.deepEqual([isOpen, connecting, failed], [true, false, true]);
});

test("an attempt begun elsewhere is shown, but opens no panel", () => {
  const { isOpen, connecting } = new ConnectFlow().update({ ...CONNECTED, attempt: attempt(1, true) }, null);
  assert.deepEqual([isOpen, connecting], [false, true]);
});

test("cancelling ends the wait for the attempt", () => {
  const flow = new ConnectFlow();
  const before = { ...CONNECTED, attempt: attempt(1, false) };
  flow.begin(before);
  assert.ok(isOpen(flow, before));
  flow.cancel();
  assert.deepEqual(flow.update(before, null).connecting, false);
});
