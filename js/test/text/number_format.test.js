import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMoney, formatNumber, formatSeconds } from "../../src/text/number_format.js";

test("numbers follow the notation of the language", () => {
  assert.equal(formatNumber(12345.6, "en"), "12,346");
  assert.equal(formatNumber(12345.6, "es"), "12.346");
});

test("times are as exact as a reader can feel", () => {
  assert.equal(formatSeconds(0.02, "en"), "<0.1 s");
  assert.equal(formatSeconds(0.42, "en"), "0.4 s");
  assert.equal(formatSeconds(0.42, "es"), "0,4 s");
  assert.equal(formatSeconds(12.4, "en"), "12 s");
  assert.equal(formatSeconds(59.7, "en"), "1 min");
  assert.equal(formatSeconds(125, "en"), "2 min 5 s");
  assert.equal(formatSeconds(119.6, "en"), "2 min");
});

test("money is rounded to cents, and smaller amounts to two digits", () => {
  assert.equal(formatMoney(0, "en"), "$0.00");
  assert.equal(formatMoney(0.0012345, "en"), "$0.0012");
  assert.equal(formatMoney(0.0000021, "en"), "$0.0000021");
  assert.equal(formatMoney(1234.567, "en"), "$1,234.57");
  assert.equal(formatMoney(0.0012345, "es"), "0,0012\u00a0$");
});
