import assert from "node:assert/strict";
import { test } from "node:test";
import { layOutJson } from "../../src/text/json_layout.js";
import { busy } from "../support.js";

test("objects and lists are laid out as JSON.stringify does it", () => {
  const values = [
    {},
    [],
    { a: [] },
    [{}],
    { a: 1, b: [1, 2, { c: null }], d: 'x, {y}: ["z\\' },
    [[], [1], true],
  ];
  for (const value of values) {
    for (const text of [
      JSON.stringify(value),
      JSON.stringify(value, null, 1),
      ` ${JSON.stringify(value)}\n`,
    ]) {
      assert.equal(layOutJson(text), JSON.stringify(value, null, 2));
    }
  }
});

test("numbers and keys stay as they were written", () => {
  assert.equal(
    layOutJson('{"a":12345678901234567890,"a":1.0e2}'),
    '{\n  "a": 12345678901234567890,\n  "a": 1.0e2\n}',
  );
});

test("letters that were sent as codes are readable, what cannot be seen is not let through", () => {
  assert.equal(
    layOutJson('["Z\\u00fcrich", "a\\nb", "\\ud800"]'),
    '[\n  "Zürich",\n  "a\\nb",\n  "\\ud800"\n]',
  );
});

test("what is not JSON, or has nothing to lay out, stays as it is", () => {
  for (const text of ["", "{", '{"a": ', "plain {text}", '"text"', "12", "{a: 1}", "[1,]", "null"]) {
    assert.equal(layOutJson(text), text);
  }
});

test("a large text takes no time to speak of", () => {
  const started = busy();
  layOutJson(JSON.stringify(Array.from({ length: 20_000 }, (_, index) => ({ index, text: '"' }))));
  layOutJson("[".repeat(100_000));
  layOutJson("[".repeat(50_000) + "]".repeat(50_000));
  assert.ok(busy() - started < 1000);
});
