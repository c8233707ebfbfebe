import assert from "node:assert/strict";
import { test } from "node:test";
import { isAboutConnecting } from "../../src/header/connect_panel.js";
import { stringsFor } from "../../src/i18n/strings.js";

const NOT_ABOUT_CONNECTING = ["too_long", "too_many_rounds", "not_connected"];

test("every notice that names an address or a key is about connecting", () => {
  const codes = Object.keys(stringsFor("es").notices);
  assert.deepEqual(
    codes.filter((code) => !isAboutConnecting(code)),
    NOT_ABOUT_CONNECTING,
  );
});

test("no notice, an unknown code and inherited properties are not about connecting", () => {
  for (const code of [null, "", "rate_limit", "toString"]) assert.ok(!isAboutConnecting(code));
});
