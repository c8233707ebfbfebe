import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "../../src/text/fold.js";
import { Finder } from "../../src/transcript/finder.js";
import { message } from "../support.js";

/** @import { ViewMessage } from "../../src/protocol/messages.js" */

/**
 * A finder over these messages, on a clock that stands still.
 *
 * @param {import("node:test").TestContext} t
 * @param {ViewMessage[]} messages
 * @param {Record<string, (ViewMessage | undefined)[]>} [results]
 */
function finderOf(t, messages, results = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const ending = new AbortController();
  t.after(() => ending.abort());
  const seen = { updates: 0 };
  const finder = new Finder({
    contextOf: ({ id }) => ({ results: results[id] ?? [], titles: {} }),
    onUpdate: () => void seen.updates++,
    signal: ending.signal,
  });
  finder.relist(messages);
  const search = (/** @type {string} */ query, from = 0) => {
    finder.search(fold(query), from);
    for (let turn = 0; finder.isCounting && turn < 1000; turn++) t.mock.timers.tick(1);
    return finder.total;
  };
  return { finder, search, seen };
}

const said = (/** @type {string} */ id, /** @type {string} */ content) =>
  message(id, { content, status: "complete" });

test("all matches are counted, in the order they are read in, and every one has its number", (t) => {
  const messages = [said("a", "one *fish* two fish"), said("b", "no"), said("c", "red fish")];
  messages[2] = { ...said("c", "red fish"), reasoning: "blue fish" };
  const { finder, search } = finderOf(t, messages);
  assert.equal(search("Fish"), 4);
  const matches = [0, 1, 2, 3].map((ordinal) => finder.at(ordinal));
  assert.deepEqual(matches, [
    { id: "a", section: 2, nth: 0 },
    { id: "a", section: 2, nth: 1 },
    { id: "c", section: 0, nth: 0 },
    { id: "c", section: 2, nth: 0 },
  ]);
  for (const [ordinal, match] of matches.entries()) assert.equal(match && finder.ordinal(match), ordinal);
  assert.equal(finder.at(4), null);
  assert.equal(finder.ordinal({ id: "b", section: 2, nth: 0 }), null);
});

test("the first match is the first from where the search begins", (t) => {
  const { finder, search } = finderOf(t, [said("a", "x"), said("b", "y"), said("c", "x")]);
  search("x", 1);
  assert.equal(finder.first?.id, "c");
  search("y", 2);
  assert.equal(finder.first?.id, "b");
});

test("names, arguments and results of tool calls, files, sources and refusals are searched", (t) => {
  const call = { id: "1", name: "get_needle", arguments: '{"city":"needle"}' };
  const messages = [
    message("a", {
      content: [
        { type: "text", text: "needle" },
        { type: "text", text: "needle.csv:\n```\nneedle\n```" },
      ],
      refusal: "needle",
      citations: [{ url: "https://example.org/needle", title: "A needle" }],
      tool_calls: [call],
      status: "complete",
    }),
  ];
  const answer = message("r", { role: "tool", content: '["needle"]', error: "needle", status: "complete" });
  const { search } = finderOf(t, messages, { a: [answer] });
  assert.equal(search("needle"), 9);
});

test("10,000 messages are counted in slices of a few milliseconds, and a second query at once", async (t) => {
  const text =
    "Some **text** with `code`, a [link](https://example.org) and more of it.\n\n- an item\n- another\n";
  const messages = Array.from({ length: 10_000 }, (_, n) => said(`m${n}`, `${text}number ${n}`));
  const ending = new AbortController();
  t.after(() => ending.abort());
  /** @type {number[]} */
  let slices = [];
  let start = 0;
  const none = { results: [], titles: {} };
  const finder = new Finder({
    contextOf() {
      start ||= performance.now();
      return none;
    },
    onUpdate() {
      slices.push(performance.now() - start);
      start = 0;
    },
    signal: ending.signal,
  });
  finder.relist(messages);
  const timed = async (/** @type {string} */ query) => {
    slices = [];
    finder.search(query, 0);
    while (finder.isCounting) await new Promise((resolve) => setTimeout(resolve, 5));
    return [...slices].sort((one, other) => one - other);
  };
  const first = await timed("number 77");
  assert.equal(finder.total, 111);
  const usual = first[first.length >> 1] ?? 99;
  // The budget is 6 ms, but the machine may be busy.
  assert.ok(usual < 50, `half of the slices take ${usual} ms`);
  const second = await timed("number 7");
  assert.equal(finder.total, 1111);
  assert.ok(second.length < first.length, `${second.length} slices after ${first.length}`);
});

test("while an answer grows the counts follow, at rest in between", (t) => {
  const growing = message("a", { content: "fish " });
  const { finder, search, seen } = finderOf(t, [growing]);
  assert.equal(search("fish"), 1);
  const before = seen.updates;
  for (let piece = 0; piece < 20; piece++) {
    growing.content += "fish ";
    finder.change(["a"]);
  }
  assert.equal(seen.updates, before);
  t.mock.timers.tick(10_000);
  assert.equal(seen.updates, before + 1);
  assert.equal(finder.total, 21);
});

test("messages that come and go are counted and forgotten", (t) => {
  const messages = [said("a", "fish"), said("b", "fish")];
  const { finder, search } = finderOf(t, messages);
  search("fish");
  finder.relist([said("a", "fish"), said("c", "fish fish")]);
  t.mock.timers.tick(10);
  assert.equal(finder.total, 3);
  finder.end();
  assert.equal(finder.total, 0);
  finder.change(["a"]);
  assert.equal(finder.isCounting, false);
});
