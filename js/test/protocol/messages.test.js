import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isCommand,
  isFile,
  isKernelMessage,
  isResource,
  isSnapshot,
  isTooLong,
} from "../../src/protocol/messages.js";
import { message, patch, snapshot, wireCases } from "../support.js";

for (const { name, message, valid } of wireCases("commands")) {
  test(`command: ${name}`, () => assert.equal(isCommand(message), valid));
}

for (const { name, snapshot } of wireCases("patches")) {
  test(`snapshot: ${name}`, () => assert.ok(isSnapshot(snapshot)));
}

test("messages from the kernel are recognized, and nonsense is not", () => {
  assert.ok(isKernelMessage(patch(1)));
  assert.ok(isKernelMessage({ type: "snapshot", snapshot: snapshot() }));
  for (const nonsense of [null, undefined, 1, "patch", [], {}, { type: "news" }, { type: "__proto__" }]) {
    assert.equal(isKernelMessage(nonsense), false);
  }
});

test("every key of a snapshot is checked for its type", () => {
  const calls = [{ id: "c1", name: "now", arguments: "{}" }];
  const leftOut = { count: 3, summarized: false };
  const whole = snapshot([message("a1", { tool_calls: calls, left_out: leftOut })]);
  whole.state.models = { names: ["m"], error: null, pending: false };
  whole.state.servers = { found: [{ name: "Ollama", base_url: "", models: ["m"] }], pending: true };
  whole.state.approvals = ["c1"];
  whole.state.spent = { prompt_tokens: 1, completion_tokens: 2, dollars: 0.1, is_part: false };
  whole.state.look = {
    locale: "es",
    height: "1px",
    starters: [{ label: "", text: "" }],
    titles: { now: "Now" },
  };
  const wrong = Symbol("wrong");
  for (const path of leaves(whole)) {
    const broken = structuredClone(whole);
    setAt(broken, path, wrong);
    assert.equal(isSnapshot(broken), false, path.join("."));
  }
});

test("a snapshot of another version is refused", () => {
  assert.equal(isSnapshot({ ...snapshot(), version: 2 }), false);
});

test("text is measured in UTF-8 bytes", () => {
  const limit = 8 * 1024 * 1024;
  assert.equal(isTooLong("a".repeat(limit)), false);
  assert.equal(isTooLong("a".repeat(limit + 1)), true);
  assert.equal(isTooLong("é".repeat(limit / 2)), false);
  assert.equal(isTooLong(`${"é".repeat(limit / 2)}a`), true);
});

test("attachments count, too", () => {
  const half = { name: "a", mime: "", data: "A".repeat(4 * 1024 * 1024) };
  assert.equal(isTooLong("", [half, half]), false);
  assert.equal(isTooLong("a", [half, half]), true);
});

test("answers to commands are recognized, and nonsense is not", () => {
  assert.ok(isFile({ type: "file", name: "a.md", mime: "text/markdown", text: "" }));
  assert.ok(isResource({ type: "resource", name: "math", text: "" }));
  assert.equal(isFile({ type: "file", name: "a.md", mime: "text/markdown" }), false);
  assert.equal(isResource({ type: "resource", name: 1, text: "" }), false);
  for (const nonsense of [null, undefined, "file", [], {}]) {
    assert.equal(isFile(nonsense) || isResource(nonsense), false);
  }
});

/**
 * @param {unknown} value
 * @param {string[]} path
 * @returns {string[][]}
 */
function leaves(value, path = []) {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/**
 * @param {any} value
 * @param {string[]} path
 * @param {unknown} leaf
 */
function setAt(value, [key = "", ...rest], leaf) {
  if (rest.length) setAt(value[key], rest, leaf);
  else value[key] = leaf;
}
