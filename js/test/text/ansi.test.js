import assert from "node:assert/strict";
import { test } from "node:test";
import { stripAnsi } from "../../src/text/ansi.js";

for (const [name, text, plain] of /** @type {const} */ ([
  ["a colour", "\u001b[1;31mred\u001b[0m", "red"],
  ["a colour in one character", "\u009b31mred\u009bm", "red"],
  ["a cursor", "a\u001b[2K\u001b[1Gb", "ab"],
  ["a title", "\u001b]0;title\u0007text", "text"],
  ["a link", "\u001b]8;;https://a.org\u001b\\text\u001b]8;;\u001b\\", "text"],
  ["a character set", "\u001b(Btext", "text"],
  ["a sequence that is not yet whole", "text\u001b[3", "text"],
  ["a title that never ends takes no other line", "\u001b]0;title\ntext", "\ntext"],
  ["brackets alone", "[31m a[0] ]0;b", "[31m a[0] ]0;b"],
])) {
  test(`terminal sequences are removed from text: ${name}`, () => assert.equal(stripAnsi(text), plain));
}
