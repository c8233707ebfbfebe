import assert from "node:assert/strict";
import { test } from "node:test";
import { MarkdownText } from "../../src/transcript/markdown_text.js";

const read = (/** @type {string} */ source, until = Number.POSITIVE_INFINITY) =>
  new MarkdownText().read(source, true, until);
const words = (/** @type {string | null} */ text) => text?.split(/\s+/).filter(Boolean).join(" ");

/** @type {[name: string, source: string, text: string][]} */
const CASES = [
  ["emphasis within a word", "bo**ld**er ~~st~~rike", "bolder strike"],
  ["links without their addresses", "see [the *docs*](https://example.org/hidden) now", "see the docs now"],
  ["entities and escapes", "a &lt; b \\* c &amp; d", "a < b * c & d"],
  ["code", "`x = <b>` and\n\n```python\nif a < b:\n    pass\n```", "x = <b> and if a < b: pass"],
  ["cells apart", "| a | b |\n|---|---|\n| c | d |", "a b c d"],
  ["items apart", "- one\n- two\n  - three", "one two three"],
  ["lines apart", "one\ntwo<br>three", "one two three"],
  ["formulas as they are written", "so $x^2$ is", "so $x^2$ is"],
  ["attributes with signs", '[x](https://example.org "a > b") y', "x y"],
];

for (const [name, source, text] of CASES) {
  test(`Markdown is read: ${name}`, () => assert.equal(words(read(source)), text));
}

test("a growing text is read as one that came at once", () => {
  const rows = Array.from({ length: 400 }, (_, n) => `| row ${n} | *${n}* |`).join("\n");
  const source = `# Title\n\n| first | second |\n|---|---|\n${rows}\n\nSee [the end][1].\n\n[1]: https://example.org\n`;
  const text = new MarkdownText();
  for (let end = 0; end < source.length; end += 700) text.read(source.slice(0, end), false, Infinity);
  const grown = text.read(source, true, Infinity);
  assert.equal(words(grown), words(read(source)));
  assert.equal(grown?.match(/second/g)?.length, 1);
});

test("a long text is read in slices of time, and a changed one anew", () => {
  const source = "A paragraph with *some* text.\n\n".repeat(1000);
  const text = new MarkdownText();
  let calls = 1;
  while (text.read(source, true, 0) === null) calls += 1;
  assert.ok(calls > 5);
  assert.equal(words(text.read(source, true, 0)), words(read(source)));
  assert.equal(text.read("other", true, 0)?.trim(), "other");
});
