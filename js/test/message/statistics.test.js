import assert from "node:assert/strict";
import { test } from "node:test";
import { stringsFor } from "../../src/i18n/strings.js";
import { leftOutText, statistics, tokenText } from "../../src/message/statistics.js";
import { message } from "../support.js";

const strings = stringsFor("en");

test("an answer without statistics has no lines", () => {
  assert.deepEqual(statistics(message("a1"), strings), []);
});

test("the model, the tokens and the times of an answer have a line each", () => {
  const usage = { prompt_tokens: 1200, completion_tokens: 34, total_tokens: 1234 };
  const known = message("a1", { model: "m-1", usage, timings: { first_token: 0.5, duration: 2 } });
  const lines = statistics(known, strings);
  assert.equal(lines.length, 4);
  assert.deepEqual([lines[0], lines[1]], ["m-1", strings.tokensEachWay("1,200", "34")]);
});

test("invisible characters in a model's name are shown", () => {
  assert.ok(!statistics(message("a1", { model: "m\u202e1" }), strings)[0]?.includes("\u202e"));
});

test("tokens are shown as far as the server counts them", () => {
  assert.equal(tokenText({ total_tokens: 5, completion_tokens: 2 }, strings), strings.tokens("5"));
  assert.equal(tokenText({ completion_tokens: 2 }, strings), strings.tokens("2"));
  assert.equal(
    tokenText({ prompt_tokens: 0, completion_tokens: 0 }, strings),
    strings.tokensEachWay("0", "0"),
  );
  assert.equal(tokenText({ prompt_tokens: 5 }, strings), "");
  assert.equal(tokenText(null, strings), "");
});

test("omitted messages are mentioned, and so is a summary of them", () => {
  assert.equal(leftOutText(message("a1"), strings), "");
  const leftOut = (/** @type {boolean} */ summarized) =>
    message("a1", { left_out: { count: 3, summarized } });
  assert.equal(leftOutText(leftOut(false), strings), strings.notSentOlder(3));
  assert.equal(leftOutText(leftOut(true), strings), strings.summarized(3));
});
