import assert from "node:assert/strict";
import { test } from "node:test";
import { stringsFor } from "../../src/i18n/strings.js";
import { errorTexts } from "../../src/message/status.js";
import { message } from "../support.js";

const [english, spanish] = [stringsFor("en"), stringsFor("es")];

/** @param {string | null} error @param {string | null} code */
const failed = (error, code) => message("a1", { status: "error", error, error_code: code });

test("an English reader gets the kernel's own text, which is more exact", () => {
  assert.deepEqual(errorTexts(failed("Error 404: no such model", "model_not_found"), english), [
    "Error 404: no such model",
    "",
  ]);
});

test("other readers get a translation of the code first, and then the original", () => {
  assert.deepEqual(errorTexts(failed("Error 404", "model_not_found"), spanish), [
    spanish.faults.model_not_found,
    "Error 404",
  ]);
  assert.deepEqual(errorTexts(failed("Connection refused", "refused"), spanish), [
    spanish.notices.refused?.(spanish.itsAddress),
    "Connection refused",
  ]);
});

test("an unknown code shows the original alone, even if it names a property of every object", () => {
  for (const code of [null, "new_in_a_later_kernel", "constructor"])
    assert.deepEqual(errorTexts(failed("Something new", code), spanish), ["Something new", ""]);
});

test("an error without a text is named; a message without an error has none", () => {
  assert.deepEqual(errorTexts(failed(null, null), english), [english.failed, ""]);
  assert.deepEqual(errorTexts(message("a1"), english), ["", ""]);
});
