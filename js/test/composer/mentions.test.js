import assert from "node:assert/strict";
import { test } from "node:test";
import { matchingNames, mayMention, mentionAt } from "../../src/composer/mentions.js";

for (const [before, prefix] of /** @type {const} */ ([
  ["@", ""],
  ["What of @d", "d"],
  ["(@df", "df"],
  ["a\n@größe_1", "größe_1"],
  ["“@x", "x"],
])) {
  test(`a mention ends ${JSON.stringify(before)}`, () => {
    const start = before.lastIndexOf("@");
    assert.deepEqual(mentionAt(`${before} and so on`, before.length), { start, end: before.length, prefix });
  });
}

for (const before of [
  "",
  "df",
  "me@df",
  "@@",
  "@1",
  "@a ",
  "@a.",
  "`@a",
  "/@a",
  "x.@a",
  "-@a",
  `@${"a".repeat(200)}`,
]) {
  test(`no mention ends ${JSON.stringify(before.slice(0, 9))}`, () => {
    assert.equal(mentionAt(before, before.length), null);
  });
}

test("a text may mention a variable only if it has a name after an @ or something in braces", () => {
  assert.ok(mayMention("What of @df?"));
  assert.ok(mayMention("What of {df}?"));
  assert.ok(!mayMention("me@example.org, @ 1, @1, {}, x_{i}, $\\{a, \\{b}, function () {\nx }"));
});

test("names that begin with the prefix come first, in the kernel's order", () => {
  const named = (/** @type {string[]} */ ...names) => names.map((name) => ({ name, kind: "int" }));
  const names = named("old_df", "Df2", "df_b", "x", "df_a");
  assert.deepEqual(matchingNames(names, "df"), named("df_b", "df_a", "Df2", "old_df"));
  assert.deepEqual(matchingNames(names, ""), names);
  assert.deepEqual(matchingNames(names, "dfx"), []);
  assert.equal(matchingNames(named(...Array.from({ length: 99 }, (_, at) => `a${at}`)), "a").length, 50);
});
