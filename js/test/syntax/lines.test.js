import assert from "node:assert/strict";
import { test } from "node:test";
import { closesFence, fenceOf, withoutCode } from "../../src/syntax/lines.js";

for (const [line, fence] of /** @type {const} */ ([
  ["```", "```"],
  ["````python", "````"],
  ["~~~ `a`", "~~~"],
  ["> - 1. ```js", "```"],
  ["  * ~~~~", "~~~~"],
  ["``", undefined],
  ["```a`", undefined],
  ["text ```", undefined],
])) {
  test(`the fence of ${JSON.stringify(line)}`, () => assert.equal(fenceOf(line), fence));
}

test("a fence is closed by its own signs, as many or more, and nothing else", () => {
  for (const line of ["```", "````", "  ```  ", "> ```"]) assert.ok(closesFence(line, "```"), line);
  for (const line of ["``", "~~~", "```a", "``` ```", ""]) assert.ok(!closesFence(line, "```"), line);
});

test("code within lines becomes dots, as many as it had characters", () => {
  assert.equal(withoutCode("a `b` ``c`d`` e"), "a ... ....... e");
  assert.equal(withoutCode("a ` b `` c"), "a ` b `` c");
  assert.equal(withoutCode("`a\nb`"), ".....");
});
