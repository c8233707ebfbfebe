import assert from "node:assert/strict";
import { test } from "node:test";
import { Resources } from "../../src/kernel/lazy_modules.js";
import { isCommand } from "../../src/protocol/messages.js";

/** @import { TestContext } from "node:test" */
/** @import { Command } from "../../src/protocol/messages.js" */

/** @param {TestContext} t */
function asked(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {Command[]} */
  const sent = [];
  const ending = new AbortController();
  const resources = new Resources({ send: (command) => sent.push(command), signal: ending.signal });
  return {
    sent,
    resources,
    tick: (/** @type {number} */ ms) => t.mock.timers.tick(ms),
    end: () => ending.abort(),
  };
}

test("a module is asked for once and kept", async (t) => {
  const { sent, resources, tick } = asked(t);
  const texts = [resources.get("math"), resources.get("math")];
  resources.receive({ type: "resource", name: "math", text: "export {}" });
  assert.deepEqual(await Promise.all([...texts, resources.get("math")]), Array(3).fill("export {}"));
  tick(60_000);
  assert.deepEqual(sent, [{ type: "resource", name: "math" }]);
  assert.ok(sent.every(isCommand));
});

test("it is asked for again after silence, and given up after a while", async (t) => {
  const { sent, resources, tick } = asked(t);
  const text = resources.get("math");
  for (let times = 0; times < 6; times += 1) tick(3000);
  await assert.rejects(text, /math/);
  assert.equal(sent.length, 6);
  const again = resources.get("math");
  resources.receive({ type: "resource", name: "math", text: "late" });
  assert.equal(await again, "late");
});

test("what nobody asked for is not kept", async (t) => {
  const { resources, end } = asked(t);
  resources.receive({ type: "resource", name: "math", text: "uncalled for" });
  const text = resources.get("math");
  end();
  await assert.rejects(text, /math/);
  await assert.rejects(resources.get("math"), /math/);
});
