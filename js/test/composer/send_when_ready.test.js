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

/** What is written and attached, and what went out of it. */
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
  const draft = { text: "Why?", attachments, sent };
  const send = (/** @type {string} */ text, /** @type {Attachment[]} */ files) => {
    draft.sent.push([text, files]);
    draft.text = "";
  };
  return { draft, sending: new SendWhenReady({ strings, text: () => draft.text, attachments, send }) };
}

test("a message goes out at once to a model that is connected", () => {
  const { draft, sending } = composed();
  sending.update(READY);
  assert.ok(sending.isOffered);
  sending.submit();
  assert.deepEqual(draft.sent, [["Why?", []]]);
  assert.deepEqual([sending.isEmpty, sending.isOffered, sending.explanation], [true, false, ""]);
});

test("nothing goes out of an empty draft, or once the kernel is gone", () => {
  const { draft, sending } = composed();
  sending.update({ ...READY, gone: true });
  sending.submit();
  draft.text = " \n";
  sending.update(READY);
  sending.submit();
  assert.deepEqual(draft.sent, []);
  assert.deepEqual([sending.isOffered, sending.explanation], [false, ""]);
});

test("long texts that were pasted follow what is written, files alone are a message", () => {
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

test("without a model the message stays, and it is said why until one is connected or the user writes", () => {
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

test("a message waits for the connection, and goes out once", () => {
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

test("a message that waited in vain stays, and says so", () => {
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

test("a message that no request can carry stays, whatever else is to be said", () => {
  const { draft, sending } = composed();
  sending.update(READY);
  draft.text = "ü".repeat(MAX_TEXT_BYTES / 2 + 1);
  sending.submit();
  assert.equal(sending.explanation, strings.tooLong);
  draft.attachments.files = [FILE];
  assert.equal(sending.explanation, strings.tooMuch);
  assert.deepEqual(draft.sent, []);
});

test("what came back says why until the user writes or sends", () => {
  const { sending } = composed();
  sending.update(READY);
  for (const end of [() => sending.dismiss(), () => sending.submit()]) {
    sending.notify(strings.editMoved);
    assert.equal(sending.explanation, strings.editMoved);
    end();
    assert.equal(sending.explanation, "");
  }
});
