import assert from "node:assert/strict";
import { test } from "node:test";
import { groupResults } from "../../src/state/tool_results.js";
import { message } from "../support.js";

/** @param {...string} ids */
const calling = (...ids) =>
  message("a", { role: "assistant", tool_calls: ids.map((id) => ({ id, name: "f", arguments: "" })) });

/** @param {string} id @param {string} [callId] */
const result = (id, callId) => message(id, { role: "tool", tool_call_id: callId });

/** @param {import("../../src/protocol/messages.js").ViewMessage[]} messages */
function grouped(...messages) {
  const { shown, results, owners } = groupResults(messages);
  return {
    shown: shown.map(({ id }) => id),
    results: Array.from(results.get("a") ?? [], (answer) => answer?.id),
    owners: Object.fromEntries(owners),
  };
}

test("a result belongs to the call with its id, in any order", () => {
  assert.deepEqual(grouped(calling("1", "2"), result("x", "2"), result("y", "1")), {
    shown: ["a"],
    results: ["y", "x"],
    owners: { x: "a", y: "a" },
  });
});

test("a call without a result yet has none", () => {
  assert.deepEqual(grouped(calling("1", "2"), result("x", "2")).results, [undefined, "x"]);
});

test("results of calls with the same id, or without ids, are matched in order", () => {
  for (const id of ["", "1"]) {
    assert.deepEqual(grouped(calling(id, id), result("x", id), result("y", id)).results, ["x", "y"]);
  }
  assert.deepEqual(grouped(calling("1", "2"), result("x"), result("y")).results, ["x", "y"]);
});

test("a result without a call is shown on its own", () => {
  const question = message("q", { role: "user" });
  assert.deepEqual(grouped(result("x", "1")).shown, ["x"]);
  assert.deepEqual(grouped(calling("1"), result("x", "2")).shown, ["a", "x"]);
  assert.deepEqual(grouped(calling("1"), result("x", "1"), result("y", "1")).shown, ["a", "y"]);
  assert.deepEqual(grouped(calling("1"), question, result("x", "1")).shown, ["a", "q", "x"]);
});
