import assert from "node:assert/strict";
import { test } from "node:test";
import { isReasoning } from "../../src/message/reasoning.js";
import { message } from "../support.js";

test("a model is reasoning until its answer, refusal or first call begins", () => {
  const call = { id: "c", name: "f", arguments: "" };
  assert.ok(isReasoning(message("a1", { reasoning: "Hm." })));
  for (const values of /** @type {const} */ ([
    { reasoning: "" },
    { status: "complete" },
    { content: "So" },
    { refusal: "No" },
    { tool_calls: [call] },
  ]))
    assert.ok(!isReasoning(message("a1", { reasoning: "Hm.", .../** @type {any} */ (values) })));
});
