import assert from "node:assert/strict";
import { test } from "node:test";
import { createActions } from "../../src/kernel/actions.js";
import { Delivery } from "../../src/kernel/delivery.js";
import { isCommand } from "../../src/protocol/messages.js";
import { Store } from "../../src/state/store.js";
import { message, snapshot } from "../support.js";

/** @import { Command, ViewMessage } from "../../src/protocol/messages.js" */

/** @param {ViewMessage[]} [messages] */
function commanded(messages) {
  /** @type {Command[]} */
  const sent = [];
  const ending = new AbortController();
  const send = (/** @type {Command} */ command) => void sent.push(command);
  const { signal } = ending;
  const store = new Store(snapshot(messages));
  const delivery = new Delivery(store, { send, signal });
  return { sent, end: () => ending.abort(), ...createActions({ store, delivery, send, signal }) };
}

const file = /** @type {const} */ ({ type: "file", name: "a.md", mime: "text/markdown", text: "# a" });

test("every action is a command that the kernel accepts", () => {
  const { actions, sent, end } = commanded();
  actions.stop();
  actions.retry();
  actions.connect({ type: "connect", demo: true });
  actions.regenerate("a1");
  actions.switch("a1", 1);
  actions.remove("a1");
  actions.clear();
  actions.restore();
  actions.setup({ system_prompt: "Be brief", temperature: null, max_tokens: 100 });
  actions.model("m");
  actions.models();
  actions.servers();
  actions.export("json");
  actions.approve("c1", "refuse", "why");
  actions.approve("c1", "once");
  assert.equal(sent.length, 15);
  for (const command of sent) assert.ok(isCommand(command), JSON.stringify(command));
  end();
});

test("a stop names the turn that the user saw, over the comm and around it", async () => {
  const { actions, sent, end } = commanded([message("q1"), message("a1")]);
  const page = new BroadcastChannel("chatwidget-test");
  const posted = new Promise((resolve) => {
    page.onmessage = ({ data }) => resolve(data);
  });
  actions.stop();
  assert.deepEqual(await posted, { type: "stop", last: "a1" });
  assert.equal(/** @type {any} */ (sent[0]).last, "a1");
  page.close();
  end();
});

test("a file goes to one listener of the page that requested it", () => {
  const { actions, receive, end } = commanded();
  /** @type {string[]} */
  const received = [];
  const leaving = new AbortController();
  actions.onFile(({ name }) => received.push(`one ${name}`), new AbortController().signal);
  actions.onFile(({ name }) => received.push(`two ${name}`), leaving.signal);
  assert.ok(receive(file));
  assert.deepEqual(received, []);
  actions.export("markdown");
  receive(file);
  receive(file);
  assert.deepEqual(received, ["two a.md"]);
  leaving.abort();
  actions.export("markdown");
  receive(file);
  assert.deepEqual(received, ["two a.md", "one a.md"]);
  end();
});

test("a resource goes to those that wait for it", async () => {
  const { actions, receive } = commanded();
  const text = actions.resource("math");
  assert.ok(receive({ type: "resource", name: "math", text: "export {}" }));
  assert.equal(await text, "export {}");
});

test("other messages are left to other receivers", () => {
  const { receive } = commanded();
  for (const other of [null, { type: "patch", rev: 1, ops: [] }, { type: "file" }])
    assert.equal(receive(other), false);
});
