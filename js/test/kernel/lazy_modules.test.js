import assert from "node:assert/strict";
import { test } from "node:test";
import { LazyModules } from "../../src/kernel/lazy_modules.js";
import { isCommand } from "../../src/protocol/messages.js";

/** @import { TestContext } from "node:test" */
/** @import { Command } from "../../src/protocol/messages.js" */

/** @param {TestContext} t */
function asked(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {Command[]} */
  const sent = [];
  const ending = new AbortController();
  const modules = new LazyModules({ send: (command) => sent.push(command), signal: ending.signal });
  return {
    sent,
    modules,
    tick: (/** @type {number} */ ms) => t.mock.timers.tick(ms),
    end: () => ending.abort(),
  };
}

test("a module is requested once and kept", async (t) => {
  const { sent, modules, tick } = asked(t);
  const texts = [modules.get("math"), modules.get("math")];
  modules.receive({ type: "resource", name: "math", text: "export {}" });
  assert.deepEqual(await Promise.all([...texts, modules.get("math")]), Array(3).fill("export {}"));
  tick(60_000);
  assert.deepEqual(sent, [{ type: "resource", name: "math" }]);
  assert.ok(sent.every(isCommand));
});

test("a module is requested again after silence, and given up after a while", async (t) => {
  const { sent, modules, tick } = asked(t);
  const text = modules.get("math");
  for (let times = 0; times < 6; times += 1) tick(3000);
  await assert.rejects(text, /math/);
  assert.equal(sent.length, 6);
  const again = modules.get("math");
  modules.receive({ type: "resource", name: "math", text: "late" });
  assert.equal(await again, "late");
});

test("a module that nobody requested is not kept", async (t) => {
  const { modules, end } = asked(t);
  modules.receive({ type: "resource", name: "math", text: "uncalled for" });
  const text = modules.get("math");
  end();
  await assert.rejects(text, /math/);
  await assert.rejects(modules.get("math"), /math/);
});
