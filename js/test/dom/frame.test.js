import assert from "node:assert/strict";
import { test } from "node:test";
import { framePainter } from "../../src/dom/frame.js";

/** @import { TestContext } from "node:test" */

/** A painter that counts, and frames that come when the test wants. @param {TestContext} t */
function painter(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {Map<number, () => void>} */
  const frames = new Map();
  let last = 0;
  Object.assign(globalThis, {
    requestAnimationFrame: (/** @type {() => void} */ run) => frames.set(++last, run) && last,
    cancelAnimationFrame: (/** @type {number} */ id) => frames.delete(id),
  });
  t.after(() => {
    for (const name of ["requestAnimationFrame", "cancelAnimationFrame"])
      Reflect.deleteProperty(globalThis, name);
  });
  const ending = new AbortController();
  const painted = { count: 0 };
  const request = framePainter(() => {
    painted.count += 1;
  }, ending.signal);
  const frame = () => {
    const [due] = frames.values();
    due?.();
  };
  return { request, painted, frame, ending };
}

test("the first paint comes at once, after the current task, and only one for many requests", async (t) => {
  const { request, painted } = painter(t);
  request();
  request();
  assert.equal(painted.count, 0);
  await Promise.resolve();
  assert.equal(painted.count, 1);
});

test("the next paint waits for the next frame, and there is none without a request", async (t) => {
  const { request, painted, frame } = painter(t);
  request();
  await Promise.resolve();
  request();
  await Promise.resolve();
  assert.equal(painted.count, 1);
  frame();
  assert.equal(painted.count, 2);
  frame();
  frame();
  assert.equal(painted.count, 2);
});

test("a hidden page, which gets no frames, is painted by a timer", async (t) => {
  const { request, painted } = painter(t);
  request();
  await Promise.resolve();
  request();
  t.mock.timers.tick(249);
  assert.equal(painted.count, 1);
  t.mock.timers.tick(1);
  assert.equal(painted.count, 2);
});

test("a request is dropped if the signal aborts before its paint", async (t) => {
  const { request, painted, ending } = painter(t);
  request();
  ending.abort();
  await Promise.resolve();
  assert.equal(painted.count, 0);
});

test("nothing is painted after the signal", async (t) => {
  const { request, painted, frame, ending } = painter(t);
  request();
  await Promise.resolve();
  request();
  ending.abort();
  frame();
  t.mock.timers.tick(1000);
  request();
  await Promise.resolve();
  assert.equal(painted.count, 1);
});
