import assert from "node:assert/strict";
import { test } from "node:test";
import * as guards from "../../src/protocol/guards.js";

const { isString, isCount } = guards;

/** @type {[string, guards.Guard, unknown[], unknown[]][]} */
const CASES = [
  ["isString", isString, ["", "a"], [null, 1, ["a"]]],
  ["isCount", isCount, [0, 7], [-1, 0.5, Number.NaN, 2 ** 60, "1", null]],
  ["isNumber", guards.isNumber, [0, -1.5], [Number.NaN, Number.POSITIVE_INFINITY, "1", null]],
  ["isBoolean", guards.isBoolean, [true, false], [0, null, "true"]],
  ["isRecord", guards.isRecord, [{}, { a: 1 }], [null, [], "a"]],
  ["orNull", guards.orNull(isCount), [1, null, undefined], ["a", -1]],
  ["optional", guards.optional(isCount), [1, undefined], [null, "a"]],
  ["listOf", guards.listOf(isCount), [[], [1, 2]], [[1, "a"], {}, null]],
  ["mapOf", guards.mapOf(isCount), [{}, { a: 1 }], [{ a: "b" }, [1], null]],
  ["oneOf", guards.oneOf("a", "b"), ["a", "b"], ["c", "", null, "toString"]],
  ["record", guards.record({ a: isCount }), [{ a: 1 }, { a: 1, b: null }], [{}, { a: "b" }, [], null]],
  ["partOf", guards.partOf({ a: isCount }), [{}, { a: 1 }, { toString: 1 }], [{ a: "b" }, null]],
  [
    "unionBy",
    guards.unionBy("type", { a: guards.record({ x: isCount }) }),
    [{ type: "a", x: 1 }],
    [{ type: "a" }, { type: "b", x: 1 }, { type: "toString" }, { type: ["a"], x: 1 }, null],
  ],
  ["anyOf", guards.anyOf(isString, isCount), ["a", 1], [null, -1]],
];

for (const [name, guard, valid, invalid] of CASES) {
  test(`${name} accepts valid values only`, () => {
    for (const value of valid) assert.ok(guard(value), JSON.stringify(value));
    for (const value of invalid) assert.ok(!guard(value), JSON.stringify(value));
  });
}

test("inherited properties are not keys", () => {
  assert.equal(guards.ownValue({ a: isString }, "a"), isString);
  assert.equal(guards.ownValue({ a: isString }, "toString"), undefined);
});
