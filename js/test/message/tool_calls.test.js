import assert from "node:assert/strict";
import { test } from "node:test";
import { callStateOf } from "../../src/message/tool_calls.js";
import { message } from "../support.js";

/** @import { ViewMessage } from "../../src/protocol/messages.js" */

/**
 * The state of one call of a message with two of the same id.
 *
 * @param {number} index
 * @param {Partial<ViewMessage>} [values]
 * @param {{ results?: (ViewMessage | undefined)[], approvals?: string[], finished?: Record<string, string>, isLast?: boolean,
 *   busy?: boolean }} [context]
 */
function stateOf(
  index,
  values,
  { results = [], approvals = [], finished = {}, isLast = true, busy = false } = {},
) {
  const call = { id: "c", name: "f", arguments: "{}" };
  const calling = message("a1", { status: "complete", tool_calls: [call, call], ...values });
  return callStateOf(
    calling,
    index,
    /** @type {any} */ ({ results, approvals: new Set(approvals), finished, isLast, busy }),
  );
}

const result = (/** @type {Partial<ViewMessage>} */ values) => message("t", { role: "tool", ...values });

test("a call with a result has the state of the result", () => {
  for (const [values, state] of /** @type {const} */ ([
    [{ status: "streaming" }, "running"],
    [{ status: "complete" }, "done"],
    [{ status: "complete", error: "No." }, "failed"],
    [{ status: "error" }, "failed"],
    [{ status: "error", error_code: "refused" }, "refused"],
    [{ status: "error", error_code: "unknown_tool" }, "unknown_tool"],
    [{ status: "error", error_code: "not_run" }, "not_run"],
    [{ status: "stopped" }, "stopped"],
    [{ status: "stopped", error_code: "not_run" }, "not_run"],
    [{ status: "error", error_code: "of a later version" }, "failed"],
    [{ status: "error", error_code: "toString" }, "failed"],
  ]))
    assert.equal(stateOf(0, {}, { results: [result(values)], isLast: false }), state);
});

test("calls with the same id are approved one after the other", () => {
  const approvals = ["c"];
  assert.equal(stateOf(0, {}, { approvals }), "approval");
  assert.equal(stateOf(1, {}, { approvals, busy: true }), "running");
  const results = [result({ status: "complete" })];
  assert.equal(stateOf(1, {}, { approvals, results }), "approval");
});

test("a call that is done shows it before its result comes, after those before it", () => {
  for (const outcome of ["done", "failed", "refused", "unknown_tool", "not_run"])
    assert.equal(stateOf(0, {}, { finished: { c: outcome }, busy: true }), outcome);
  assert.equal(stateOf(0, {}, { finished: { c: "of a later version" }, busy: true }), "running");
  assert.equal(stateOf(0, {}, { finished: { c: "done" }, isLast: false }), "not_run");
});

test("an approval belongs to the last message, whose ids may repeat earlier ones", () => {
  assert.equal(stateOf(0, {}, { approvals: ["c"], isLast: false }), "not_run");
});

test("a call is being written as long as its message grows", () => {
  assert.equal(stateOf(0, { status: "streaming" }), "writing");
});

test("calls of an incomplete message are not run", () => {
  for (const values of /** @type {const} */ ([
    { status: "stopped" },
    { finish_reason: "length" },
    { finish_reason: "content_filter" },
  ]))
    assert.equal(stateOf(0, values), "not_run");
});

test("a call without a result runs during the turn, and waits after it", () => {
  assert.equal(stateOf(0, {}, { busy: true }), "running");
  assert.equal(stateOf(0, {}, { busy: false }), "waiting");
});
