import assert from "node:assert/strict";
import { test } from "node:test";
import { number, seconds } from "../src/numbers.js";

test("numbers are written as the language writes them", () => {
  assert.equal(number(12345.6, "en"), "12,346");
  assert.equal(number(12345.6, "es"), "12.346");
});

test("times are as exact as one can feel", () => {
  assert.equal(seconds(0.42, "en"), "0.4 s");
  assert.equal(seconds(0.42, "es"), "0,4 s");
  assert.equal(seconds(12.4, "en"), "12 s");
  assert.equal(seconds(59.7, "en"), "1 min");
  assert.equal(seconds(125, "en"), "2 min 5 s");
  assert.equal(seconds(119.6, "en"), "2 min");
});
