import assert from "node:assert/strict";
import { test } from "node:test";
import { listenToComm } from "../../src/host/comm_fallback.js";

test("messages of the comm reach the handler of ipywidgets' own class", () => {
  /** @type {unknown[]} */
  const handled = [];
  /** @type {((message: unknown) => void)[]} */
  const listeners = [];
  class DOMWidgetModel {
    /** @param {unknown} message */
    _handle_comm_msg(message) {
      handled.push([this, message]);
    }
  }
  class AnyModel extends DOMWidgetModel {
    comm = { on_msg: (/** @type {(message: unknown) => void} */ listener) => void listeners.push(listener) };
    /** @override */
    _handle_comm_msg() {
      assert.fail("anywidget's handler drops the message");
    }
  }
  const widget = new AnyModel();
  assert.equal(listenToComm(widget), true);
  for (const listener of listeners) listener("message");
  assert.deepEqual(handled, [[widget, "message"]]);
});

test("a model without a comm, or of another kind, is left alone", () => {
  for (const widget of [undefined, {}, { comm: {} }, { comm: { on_msg: () => assert.fail() } }])
    assert.equal(listenToComm(widget), false);
});
