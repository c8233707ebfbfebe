import assert from "node:assert/strict";
import { test } from "node:test";
import { stringsFor } from "../../src/i18n/strings.js";
import { usageText } from "../../src/view/usage_line.js";

const USAGE = { prompt_tokens: 1000, completion_tokens: 234, dollars: 0.5, is_part: false };

test("usage shows tokens, and the cost if it is known", () => {
  assert.equal(usageText(USAGE, stringsFor("en")), "1,234 tokens · $0.50");
  assert.equal(usageText({ ...USAGE, dollars: null }, stringsFor("es")), "1234 tokens en total");
});

test("a cost that covers only a part is a lower bound", () => {
  assert.equal(usageText({ ...USAGE, is_part: true }, stringsFor("en")), "1,234 tokens · ≥ $0.50");
});

test("JupyterLite's undefined in place of null is no cost", () => {
  const usage = { ...USAGE, dollars: /** @type {any} */ (undefined) };
  assert.equal(usageText(usage, stringsFor("en")), "1,234 tokens");
});
