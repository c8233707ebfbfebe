import assert from "node:assert/strict";
import { test } from "node:test";
import { countOf, fold, placesOf } from "../../src/text/fold.js";

/** The parts of a text that a search finds. @type {(text: string, query: string) => string[]} */
const found = (text, query) => placesOf(text, fold(query)).map(([start, end]) => text.slice(start, end));

/** @type {[name: string, text: string, query: string, matches: string[]][]} */
const CASES = [
  ["case", "Tokyo, TOKYO", "tokyo", ["Tokyo", "TOKYO"]],
  ["accents", "Café CAFE cafe\u0301", "cafe", ["Café", "CAFE", "cafe\u0301"]],
  ["accents in the query", "uber Über", "über", ["uber", "Über"]],
  ["sharp s", "Straße STRASSE", "strasse", ["Straße", "STRASSE"]],
  ["both forms of sigma", "Σίσυφος ΣΙΣΥΦΟΣ", "σισυφος", ["Σίσυφος", "ΣΙΣΥΦΟΣ"]],
  ["dotted and dotless i", "İstanbul ISTANBUL", "istanbul", ["İstanbul", "ISTANBUL"]],
  ["ligatures, whole", "eﬃcient", "ef", ["eﬃ"]],
  ["full width", "ＡＢＣ abc", "abc", ["ＡＢＣ", "abc"]],
  ["an ellipsis", "wait…", "...", ["…"]],
  ["kinds of spaces", "a\u00a0b a\n  b", "a b", ["a\u00a0b", "a\n  b"]],
  [
    "soft hyphens and joiners",
    "ex\u00adtra zero\u200bwidth",
    "extra zerowidth",
    ["ex\u00adtra zero\u200bwidth"],
  ],
  ["points in Hebrew and Arabic", "שָׁלוֹם مُحَمَّد", "שלום محمد", ["שָׁלוֹם مُحَمَّد"]],
  ["emoji", "a 👩🏽‍💻 b", "👩🏽‍💻", ["👩🏽‍💻"]],
  ["beyond the first plane", "𝒳 and 𐐀", "𐐨", ["𐐀"]],
  [
    "Hangul in parts",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "한글",
    ["\u1112\u1161\u11ab\u1100\u1173\u11af"],
  ],
  ["voiced kana are other letters", "かがカガ", "が", ["が"]],
  ["vowels in Devanagari are letters", "कि की", "की", ["की"]],
  ["matches do not overlap", "aaaa", "aa", ["aa", "aa"]],
  ["signs that mean something in patterns", "f(x)[0].*", "(x)[0].*", ["(x)[0].*"]],
  ["nothing", "abc", "d", []],
];

for (const [name, text, query, matches] of CASES) {
  test(`a search folds ${name}`, () => {
    assert.deepEqual(found(text, query), matches);
    assert.equal(countOf(fold(text), fold(query)), matches.length);
  });
}

test("counts in folded text agree with places in the text", () => {
  const text = CASES.map(([, each]) => each).join("\n");
  for (const [, , query] of CASES) {
    assert.equal(countOf(fold(text), fold(query)), placesOf(text, fold(query)).length, query);
  }
});
