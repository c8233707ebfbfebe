import assert from "node:assert/strict";
import { test } from "node:test";
import { layOutJson } from "../../src/text/json_layout.js";
import { busy } from "../support.js";

test("objects and lists are laid out as by JSON.stringify", () => {
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

test("escaped letters are decoded, invisible characters are not", () => {
  assert.equal(
    layOutJson('["Z\\u00fcrich", "a\\nb", "\\ud800"]'),
    '[\n  "Zürich",\n  "a\\nb",\n  "\\ud800"\n]',
  );
});

test("text that is not JSON, and JSON without structure, is unchanged", () => {
  for (const text of ["", "{", '{"a": ', "plain {text}", '"text"', "12", "{a: 1}", "[1,]", "null"]) {
    assert.equal(layOutJson(text), text);
  }
});

test("a large text is laid out quickly", () => {
  const started = busy();
  layOutJson(JSON.stringify(Array.from({ length: 20_000 }, (_, index) => ({ index, text: '"' }))));
  layOutJson("[".repeat(100_000));
  layOutJson("[".repeat(50_000) + "]".repeat(50_000));
  assert.ok(busy() - started < 1000);
});
