import assert from "node:assert/strict";
import { test } from "node:test";
import { stringsFor } from "../../src/i18n/strings.js";
import { noticeOf } from "../../src/view/notice.js";
import { snapshot } from "../support.js";

/** @import { State } from "../../src/protocol/messages.js" */
/** @import { Kernel } from "../../src/state/store.js" */

const strings = stringsFor("en");
const spanish = stringsFor("es");
const URL = "http://localhost:1234/v1";

/**
 * @param {Partial<State>} [values]
 * @param {Kernel} [kernel]
 */
const store = (values = {}, kernel = "there") => ({ kernel, state: { ...snapshot().state, ...values } });

test("there is no notice while all is well", () => {
  assert.deepEqual(noticeOf(store(), strings), { code: null, text: "" });
});

test("a kernel that does not answer comes before the kernel's own notice", () => {
  const values = { notice: "The key is wrong.", notice_code: "wrong_key" };
  for (const [kernel, text] of /** @type {const} */ ([
    ["none", strings.kernelNone],
    ["gone", strings.kernelGone],
    ["silent", strings.kernelSilent],
  ]))
    assert.deepEqual(noticeOf(store(values, kernel), strings), { code: null, text });
});

test("a known code is translated, with the address of the attempt", () => {
  const connection = { ...snapshot().state.connection, base_url: "http://localhost:1/v1" };
  const failure = { notice: "No such API.", notice_code: "wrong_url", connection };
  const attempt = { number: 1, pending: false, base_url: URL };
  assert.deepEqual(noticeOf(store({ ...failure, attempt }), spanish), {
    code: "wrong_url",
    text: spanish.notices.wrong_url?.(URL),
  });
  assert.equal(
    noticeOf(store(failure), spanish).text,
    spanish.notices.wrong_url?.("http://localhost:1/v1"),
    "without an attempt, the address is that of the connection",
  );
});

test("what the server said is told in every language, and in English the kernel's sentence as it is", () => {
  const notice =
    "The server does not allow this (403: Only from the office (VPN): sorry): ask those who run it.";
  const values = { notice, notice_code: "forbidden" };
  assert.equal(noticeOf(store(values), strings).text, notice);
  const text = `${spanish.notices.forbidden?.("")} (Only from the office (VPN): sorry)`;
  assert.equal(noticeOf(store(values), spanish).text, text);
});

test("an unknown code shows the kernel's text, even if it names a property of every object", () => {
  for (const code of ["new_in_a_later_kernel", "toString", "__proto__"])
    assert.deepEqual(noticeOf(store({ notice: "Something new.", notice_code: code }), spanish), {
      code,
      text: "Something new.",
    });
});

test("a model that will be shut down is named with its day", () => {
  const notice = "old-model will be shut down on 2027-01-31. Choose another model.";
  assert.equal(
    noticeOf(store({ notice, notice_code: "model_ends" }), spanish).text,
    spanish.models.ends("old-model", "2027-01-31"),
  );
  const unreadable = { notice: "A model ends soon.", notice_code: "model_ends" };
  assert.equal(noticeOf(store(unreadable), spanish).text, "A model ends soon.");
});
