import assert from "node:assert/strict";
import { test } from "node:test";
import { stringsFor } from "../../src/i18n/strings.js";
import { createContextOf } from "../../src/message/message_context.js";
import { Store } from "../../src/state/store.js";
import { groupResults } from "../../src/state/tool_results.js";
import { message, patch, snapshot } from "../support.js";

/** @import { TestContext } from "node:test" */
/** @import { State, ViewMessage } from "../../src/protocol/messages.js" */

const strings = stringsFor("en");
const SERVER = { kind: "server", model: "m", base_url: "http://localhost:1/v1", key: null };

/**
 * The contexts of a conversation's messages, as far as they are shown on their own.
 *
 * @param {ViewMessage[]} messages
 * @param {Partial<State> | Record<string, unknown>} [values]
 */
function contexts(messages, values = {}) {
  const store = new Store(snapshot(messages));
  store.receive(patch(1, { op: "state", values }));
  const grouped = groupResults(store.snapshot.messages);
  return grouped.shown.map(createContextOf(store, grouped, strings));
}

/** @param {Partial<ViewMessage>} values */
const reply = (values) => message("a1", { status: "complete", content: "Text.", ...values });

test("only the last message is last, and a continued reply knows it", () => {
  const call = { id: "c", name: "f", arguments: "{}" };
  const [question, calling, answer] = contexts([
    message("q", { role: "user", status: "complete" }),
    message("a1", { status: "complete", tool_calls: [call] }),
    message("t", { role: "tool", status: "complete", tool_call_id: "c" }),
    message("a2", { status: "complete" }),
  ]);
  assert.deepEqual([question?.isLast, calling?.isLast, answer?.isLast], [false, false, true]);
  assert.deepEqual([question?.isContinued, calling?.isContinued, answer?.isContinued], [false, true, false]);
  assert.deepEqual(
    calling?.results.map((result) => result?.id),
    ["t"],
  );
  assert.deepEqual(answer?.results, []);
});

test("an incomplete last answer can be retried while no turn runs", () => {
  for (const status of /** @type {const} */ (["error", "interrupted", "stopped"]))
    assert.ok(contexts([reply({ status })])[0]?.canRetry, status);
  assert.ok(contexts([reply({ finish_reason: "length" })])[0]?.canRetry);
  assert.ok(!contexts([reply({})])[0]?.canRetry, "it is complete");
  assert.ok(!contexts([reply({ status: "error" })], { status: "streaming" })[0]?.canRetry);
  const [first] = contexts([reply({ status: "error" }), message("q", { role: "user" })]);
  assert.ok(!first?.canRetry, "it is not the last");
});

test("an answer can be continued if it has text and calls no tool", () => {
  const call = { id: "c", name: "f", arguments: "{}" };
  assert.ok(contexts([reply({ status: "stopped" })])[0]?.canContinue);
  assert.ok(!contexts([reply({ status: "stopped", content: "" })])[0]?.canContinue);
  assert.ok(!contexts([reply({ status: "stopped", tool_calls: [call] })])[0]?.canContinue);
});

test("another model is offered if the server lacks this one", () => {
  const failed = reply({ status: "error", error_code: "model_not_found" });
  assert.ok(contexts([failed], { connection: SERVER })[0]?.needsModel);
  assert.ok(!contexts([failed])[0]?.needsModel, "a callable has no list of models");
  assert.ok(!contexts([reply({ status: "error" })], { connection: SERVER })[0]?.needsModel);
});

test("nothing can be asked without a model or a kernel", () => {
  const store = new Store(snapshot([reply({})]));
  const grouped = groupResults(store.snapshot.messages);
  const canAsk = () => createContextOf(store, grouped, strings)(reply({})).canAsk;
  assert.ok(canAsk());
  store.setKernel("gone");
  assert.ok(!canAsk());
  const connection = { kind: "none", model: null, base_url: null, key: null };
  assert.ok(!contexts([reply({})], { connection })[0]?.canAsk);
});

/** The note of the last message after some seconds. @type {(t: TestContext, values: object, seconds: number, kernel?: "silent") => string} */
function noteAfter(t, values, seconds, kernel) {
  let now = 0;
  const clock = t.mock.method(performance, "now", () => now);
  const store = new Store(snapshot([message("q"), message("a1")]));
  store.receive(patch(1, { op: "state", values }));
  if (kernel) store.setKernel(kernel);
  now += seconds * 1000;
  const grouped = groupResults(store.snapshot.messages);
  const [first, last] = grouped.shown.map(createContextOf(store, grouped, strings));
  clock.mock.restore();
  assert.equal(first?.note, "", "earlier messages have no note");
  return last?.note ?? "";
}

test("a note says how long nothing new has arrived, from 5 s on", (t) => {
  assert.equal(noteAfter(t, { status: "streaming" }, 4.9), "");
  assert.equal(noteAfter(t, { status: "streaming" }, 7.9), strings.quiet(7));
});

test("a note counts down to the next retry", (t) => {
  const values = { status: "retrying", retry: { attempt: 1, delay: 10, reason: "Too many requests" } };
  assert.equal(noteAfter(t, values, 2.5), strings.retryingIn("Too many requests", 8));
  assert.equal(noteAfter(t, values, 10), strings.retryingNow("Too many requests"));
});

test("a note says that the kernel does not answer, but only during a turn", (t) => {
  assert.equal(noteAfter(t, { status: "streaming" }, 9, "silent"), strings.noAnswer);
  assert.equal(noteAfter(t, { status: "ready" }, 9, "silent"), "");
});
