import assert from "node:assert/strict";
import { test } from "node:test";
import { createBlocks } from "../../src/markdown/blocks.js";
import { isNote } from "../../src/syntax/footnotes.js";
import { busy } from "../support.js";

/** @param {{ html: string }[]} blocks */
const htmlOf = (blocks) => blocks.map(({ html }) => html).join("");

/**
 * Return the texts that a reader sees while a source arrives one character at a time.
 *
 * @param {string} source
 */
function seen(source) {
  const blocksOf = createBlocks();
  const ends = Array.from({ length: source.length }, (_, index) => index + 1);
  const texts = ends.map((end) => htmlOf(blocksOf(source.slice(0, end))));
  return [...texts, htmlOf(blocksOf(source, true))];
}

test("footnotes and alerts do not flicker while they are written", () => {
  for (const source of [
    "Said[^1] so[^2].\n\nMore[^12].\n\n[^1]: One.\n[^2]: Two.\n\n    More.\n\n[^12]: Twelve.\n",
    "> [!NOTE]\n> Mind this.\n\nAnd\n\n> [!caution]\n>\n> - that\n",
  ]) {
    for (const html of seen(source)) {
      assert.doesNotMatch(html.replace(/<[^>]*>/g, ""), /[[\]^!]|note|caution/i, html);
    }
  }
});

test("a reference without a note is text in the end", () => {
  const shown = seen("Said[^1] so.\n\nAnd so on.\n\nIt is.\n");
  assert.match(shown.at(-2) ?? "", /<sup class="chatwidget-note-reference">1<\/sup>/);
  assert.match(shown.at(-1) ?? "", /<p>Said\[\^1\] so\.<\/p>/);
});

test("what only looks like a reference is text all the time", () => {
  for (const html of seen("Use [^a-z]+ here.\n\nThen more.\n\n")) assert.doesNotMatch(html, /<sup/);
});

test("a name of a note is no name of a link", () => {
  assert.ok(isNote("]1"));
  assert.doesNotMatch(htmlOf(createBlocks()("[a][\\]1] [\\]1] []1]\n\n[^1]: b", true)), /<a/);
});

test("footnotes without end take no time", () => {
  for (const sign of ["[^1]: ", "[^1]: a\n", "[^1]", "[^", "> [!NOTE]\n", "[^a]: b\n\n  "]) {
    const started = busy();
    htmlOf(createBlocks()(sign.repeat(50_000 / sign.length), true));
    assert.ok(busy() - started < 2000, JSON.stringify(sign));
  }
});
