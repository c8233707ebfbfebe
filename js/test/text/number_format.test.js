import assert from "node:assert/strict";
import { test } from "node:test";
import { stringsFor } from "../../src/i18n/strings.js";
import { statistics } from "../../src/message/statistics.js";
import { formatMoney, formatNumber, formatSeconds } from "../../src/text/number_format.js";
import { usageText } from "../../src/view/usage_line.js";
import { message } from "../support.js";

test("numbers are written as the language writes them", () => {
  assert.equal(formatNumber(12345.6, "en"), "12,346");
  assert.equal(formatNumber(12345.6, "es"), "12.346");
});

test("times are as exact as one can feel", () => {
  assert.equal(formatSeconds(0.42, "en"), "0.4 s");
  assert.equal(formatSeconds(0.42, "es"), "0,4 s");
  assert.equal(formatSeconds(12.4, "en"), "12 s");
  assert.equal(formatSeconds(59.7, "en"), "1 min");
  assert.equal(formatSeconds(125, "en"), "2 min 5 s");
  assert.equal(formatSeconds(119.6, "en"), "2 min");
});

test("money is as exact as it counts", () => {
  assert.equal(formatMoney(0, "en"), "$0.00");
  assert.equal(formatMoney(0.0012345, "en"), "$0.0012");
  assert.equal(formatMoney(0.0000021, "en"), "$0.0000021");
  assert.equal(formatMoney(1234.567, "en"), "$1,234.57");
  assert.equal(formatMoney(0.0012345, "es"), "0,0012\u00a0$");
});

test("what a conversation took is told with what is known of it", () => {
  const spent = { prompt_tokens: 1000, completion_tokens: 234, dollars: 0.5, is_part: false };
  assert.equal(usageText(spent, stringsFor("en")), "1,234 tokens · $0.50");
  assert.equal(usageText({ ...spent, is_part: true }, stringsFor("en")), "1,234 tokens · ≥ $0.50");
  assert.equal(usageText({ ...spent, dollars: null }, stringsFor("es")), "1234 tokens en total");
});

test("what an answer was not shown is told with it", () => {
  const told = (/** @type {{ count: number, summarized: boolean }} */ leftOut) =>
    statistics(message("a1", { left_out: leftOut }), stringsFor("en")).join();
  assert.equal(told({ count: 1, summarized: false }), "1 older message not sent");
  assert.equal(told({ count: 3, summarized: false }), "3 older messages not sent");
  assert.equal(told({ count: 3, summarized: true }), "3 older messages sent as a summary");
});
