import assert from "node:assert/strict";
import { test } from "node:test";
import { startTimer } from "../../src/dom/timer.js";

test("a timer runs once, or not at all if its view has ended", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [staying, ending] = [new AbortController(), new AbortController()];
  /** @type {string[]} */
  const ran = [];
  startTimer(10, () => ran.push("staying"), staying.signal);
  startTimer(10, () => ran.push("ending"), ending.signal);
  t.mock.timers.tick(9);
  assert.deepEqual(ran, []);
  ending.abort();
  t.mock.timers.tick(100);
  staying.abort();
  assert.deepEqual(ran, ["staying"]);
});
