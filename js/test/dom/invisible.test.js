import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeInvisible } from "../../src/dom/invisible.js";
import { stripAnsi } from "../../src/text/ansi.js";

test("invisible characters, and those that reorder text, are spelled out", () => {
  assert.equal(escapeInvisible("\u202egnp.exe\u202c"), "[U+202E]gnp.exe[U+202C]");
  assert.equal(escapeInvisible("a\u200bb\u00adc\ufeff"), "a[U+200B]b[U+00AD]c[U+FEFF]");
  assert.equal(escapeInvisible("\u0000\u001b\ud83d\uffff\u2028"), "[U+0000][U+001B][U+D83D][U+FFFF][U+2028]");
  assert.equal(escapeInvisible("a\u{e0041}\u{e0042}"), "a[U+E0041][U+E0042]");
  assert.equal(escapeInvisible("a\u3164\u180e\u2066"), "a[U+3164][U+180E][U+2066]");
  assert.equal(escapeInvisible("a\ufe00\u200d b"), "a[U+FE00][U+200D] b");
});

test("characters that join others into one glyph are kept", () => {
  const ordinary = [
    "👩‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 ❤️ 1️⃣ ☎︎",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "é e\u0301 می‌خواهم क्‍ष",
    "שלום عالم",
    "tab\tline\n\u00a0end",
  ];
  for (const text of ordinary) assert.equal(escapeInvisible(text), text);
});

test("terminal sequences are removed, even incomplete ones", () => {
  assert.equal(stripAnsi("\u001b[1;31mred\u001b[0m \u009b4mline"), "red line");
  assert.equal(stripAnsi("\u001b]8;;https://a.example/\u001b\\link\u001b]8;;\u001b\\"), "link");
  assert.equal(stripAnsi("\u001b]0;title\u0007text"), "text");
  assert.equal(stripAnsi("\u001b]0;title\ntext"), "\ntext");
  for (const begun of ["\u001b", "\u001b[", "\u001b[3", "\u001b]8;;http", "\u001b("]) {
    assert.equal(stripAnsi(`a${begun}`), "a");
  }
  assert.equal(stripAnsi("\u001b(Btext [0m"), "text [0m");
});
