import assert from "node:assert/strict";
import { test } from "node:test";
import { SendWhenReady } from "../../src/composer/send_when_ready.js";
import { stringsFor } from "../../src/i18n/strings.js";
import { MAX_TEXT_BYTES } from "../../src/protocol/messages.js";

/** @import { Attachment } from "../../src/protocol/messages.js" */
/** @import { Attached } from "../../src/composer/attachment_chips.js" */

const strings = stringsFor("en");
const READY = { connected: true, connecting: false, failed: false, gone: false };
const APART = { ...READY, connected: false };
const CONNECTING = { ...APART, connecting: true };
const FILE = { name: "a.txt", mime: "text/plain", data: "YQ==" };

/** Create a draft that records what was sent. */
function composed() {
  const attachments = {
    /** @type {Attached[]} */
    attached: [],
    /** @type {Attachment[]} */
    files: [],
    /** @type {string[]} */
    texts: [],
    isReading: false,
    problem: "",
  };
  /** @type {[string, Attachment[]][]} */
  const sent = [];
  const names = { begin: () => {}, forget: () => {}, isPending: false, takeProblem: () => "" };
  const draft = { text: "Why?", attachments, names, sent };
  const send = (/** @type {string} */ text, /** @type {Attachment[]} */ files) => {
    draft.sent.push([text, files]);
    draft.text = "";
  };
  return { draft, sending: new SendWhenReady({ strings, text: () => draft.text, attachments, names, send }) };
}

test("a message is sent at once to a connected model", () => {
  const { draft, sending } = composed();
  sending.update(READY);
  assert.ok(sending.isOffered);
  sending.submit();
  assert.deepEqual(draft.sent, [["Why?", []]]);
  assert.deepEqual([sending.isEmpty, sending.isOffered, sending.explanation], [true, false, ""]);
});

test("nothing is sent from an empty draft, or when the kernel is gone", () => {
  const { draft, sending } = composed();
  sending.update({ ...READY, gone: true });
  sending.submit();
  draft.text = " \n";
  sending.update(READY);
  sending.submit();
  assert.deepEqual(draft.sent, []);
  assert.deepEqual([sending.isOffered, sending.explanation], [false, ""]);
});

test("long pasted texts follow the written text; files alone are a message", () => {
  const { draft, sending } = composed();
  sending.update(READY);
  draft.attachments.texts = ["pasted", "  "];
  sending.submit();
  draft.attachments.texts = [];
  draft.attachments.attached = draft.attachments.files = [FILE];
  sending.submit();
  assert.deepEqual(draft.sent, [
    ["Why?\n\npasted", []],
    ["", [FILE]],
  ]);
});

test("without a model the message stays, with an explanation until one is connected or the user types", () => {
  const { draft, sending } = composed();
  for (const end of [() => sending.update(READY), () => sending.dismiss()]) {
    sending.update(APART);
    sending.submit();
    sending.update(APART);
    assert.equal(sending.explanation, strings.notConnected);
    end();
    assert.equal(sending.explanation, "");
  }
  assert.deepEqual(draft.sent, []);
});

test("a message waits for the connection, and is sent once", () => {
  const { draft, sending } = composed();
  sending.update(CONNECTING);
  assert.ok(sending.isOffered);
  sending.submit();
  assert.deepEqual([sending.isOffered, sending.explanation], [false, strings.sendsWhenConnected]);
  sending.update(CONNECTING);
  assert.deepEqual(draft.sent, []);
  sending.update(READY);
  sending.update(READY);
  assert.deepEqual(draft.sent, [["Why?", []]]);
});

test("a message that waited in vain stays, with an explanation", () => {
  const { draft, sending } = composed();
  sending.update(CONNECTING);
  sending.submit();
  sending.update({ ...APART, failed: true });
  assert.equal(sending.explanation, strings.notSent);
  sending.update(READY);
  assert.deepEqual(draft.sent, []);
  sending.submit();
  assert.equal(draft.sent.length, 1);
});

test("a message waits for its files, but not for one that could not be read", () => {
  for (const problem of ["", "a.bin cannot be read."]) {
    const { draft, sending } = composed();
    sending.update(READY);
    draft.attachments.isReading = true;
    sending.submit();
    sending.retry();
    assert.deepEqual([draft.sent.length, sending.isOffered], [0, false]);
    Object.assign(draft.attachments, { isReading: false, problem });
    sending.retry();
    assert.deepEqual([draft.sent.length, sending.explanation], [problem ? 0 : 1, problem]);
  }
});

test("a message waits for the check of its names, and a problem stands beside it until the user types", () => {
  const { draft, sending } = composed();
  sending.update(READY);
  draft.names.isPending = true;
  sending.submit();
  assert.deepEqual([draft.sent.length, sending.isOffered, sending.explanation], [0, false, ""]);
  draft.names.isPending = false;
  draft.names.takeProblem = () => "There is no df.";
  sending.retry();
  assert.deepEqual([draft.sent.length, sending.isOffered, sending.explanation], [0, true, "There is no df."]);
  sending.dismiss();
  assert.equal(sending.explanation, "");
  draft.names.takeProblem = () => "";
  sending.submit();
  assert.deepEqual(draft.sent, [["Why?", []]]);
});

test("a message that is too long stays, and that explanation comes first", () => {
  const { draft, sending } = composed();
  sending.update(READY);
  draft.text = "ü".repeat(MAX_TEXT_BYTES / 2 + 1);
  sending.submit();
  assert.equal(sending.explanation, strings.tooLong);
  draft.attachments.files = [FILE];
  assert.equal(sending.explanation, strings.tooMuch);
  assert.deepEqual(draft.sent, []);
});

test("a message that came back is explained until the user types or sends", () => {
  const { sending } = composed();
  sending.update(READY);
  for (const end of [() => sending.dismiss(), () => sending.submit()]) {
    sending.notify(strings.editMoved);
    assert.equal(sending.explanation, strings.editMoved);
    end();
    assert.equal(sending.explanation, "");
  }
});
