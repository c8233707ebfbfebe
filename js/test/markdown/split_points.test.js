import assert from "node:assert/strict";
import { test } from "node:test";
import {
  continues,
  createGroup,
  forcedSplitPointOf,
  isLoose,
  splitPointOf,
} from "../../src/markdown/split_points.js";
import { outline } from "../../src/syntax/parser.js";

/** The only block of a text. @param {string} source */
function block(source) {
  const [piece, ...others] = outline(source, {});
  assert.ok(piece && others.length === 0, "the text is one block");
  return { ...piece, source };
}

/** The two halves of a block at its split point. @param {string} source */
function split(source) {
  const at = splitPointOf(block(source), 0, {});
  return at === 0 ? null : [source.slice(0, at), source.slice(at)];
}

/** @type {(count: number, line: (index: number) => string) => string} */
const lines = (count, line) => Array.from({ length: count }, (_, index) => `${line(index)}\n`).join("");

test("a short block is not split", () => {
  assert.equal(split(lines(150, (index) => `- item ${index}`)), null);
});

test("a list is split before an item, a table before a row, and code before a line", () => {
  const list = split(lines(300, (index) => `- item ${index}`));
  assert.equal(list?.[1], "- item 298\n- item 299\n", "two lines may yet change what they are");
  const table = split(`| a | b |\n|---|---|\n${lines(300, (index) => `| ${index} | x |`)}`);
  assert.match(table?.[1] ?? "", /^\| \d+ \| x \|\n/);
  const code = split(`\x60\x60\x60py\n${lines(500, (index) => `x = ${index}`)}`);
  assert.equal(code?.[1], "", "each line of code is complete");
});

test("an item with several lines is not split within", () => {
  const halves = split(lines(200, (index) => `- item ${index}\n  goes on\n\n  and on`));
  assert.match(halves?.[1] ?? "", /^- item \d+\n {2}goes on\n/);
});

test("a split point near the start is not worth it", () => {
  assert.equal(split(`- short\n- long\n${lines(300, () => "  goes on")}`), null);
});

test("code whose fence is closed is not split", () => {
  const code = lines(500, (index) => `x = ${index}`);
  assert.equal(split(`\x60\x60\x60\n${code}\x60\x60\x60\n`), null);
  assert.ok(split(`~~~~\n${code}~~~\nmore\n`), "a shorter fence closes nothing");
});

test("a paragraph is split between words, well before its end", () => {
  const [first = "", second = ""] = split("word ".repeat(600).trimEnd()) ?? [];
  assert.match(first, /word $/);
  assert.match(second, /^word/);
  assert.ok(second.length >= 200);
});

test("a paragraph with open markup is not split", () => {
  const text = "word ".repeat(600).trimEnd();
  for (const opening of ["*", "[", "\x60", "<kbd>", "~~"]) assert.equal(split(opening + text), null, opening);
});

test("only text after the settled part counts as long", () => {
  const piece = block(lines(300, (index) => `- item ${index}`));
  assert.equal(splitPointOf(piece, piece.source.length - 100, {}), 0);
});

test("a block of 100,000 characters ends, after a line if it has any", () => {
  const long = "x".repeat(99_990);
  assert.equal(forcedSplitPointOf(block(long)), 0);
  assert.equal(forcedSplitPointOf(block(`${long}\n${"y".repeat(20)}`)), long.length + 1);
  assert.equal(forcedSplitPointOf(block("x".repeat(100_001))), 100_001);
});

test("each further part of a table or a fence needs the lines that make it one", () => {
  const head = "| a |\n|---|\n";
  assert.equal(createGroup(block(`${head}| 1 |\n`), 0, 0).head, head);
  assert.equal(createGroup(block("\x60\x60\x60js\na\n"), 0, 0).head, "\x60\x60\x60js\n");
  assert.equal(createGroup(block("- a\n"), 0, 0).head, "");
});

test("a piece continues a group of its kind and marker, from the first line on", () => {
  const group = createGroup(block("- a\n- b\n"), 0, 0);
  assert.ok(continues(group, block("- c\n")));
  assert.ok(!continues(group, block("* c\n")), "another marker begins another list");
  assert.ok(!continues(group, block("text\n")));
  assert.ok(!continues(group, block("\n- c\n")));
  assert.ok(!continues(group, undefined));
});

test("a table does not continue beyond the empty cells that markdown-it allows", () => {
  const piece = block("| a | b |\n|---|---|\n| 1 |\n");
  const group = createGroup(piece, 0, 0);
  assert.ok(continues({ ...group, empty: 65_535 }, piece));
  assert.ok(!continues({ ...group, empty: 65_536 }, piece));
});

test("a list is loose if a blank line separates its items", () => {
  assert.ok(!isLoose("- a\n- b\n", "-", true));
  assert.ok(isLoose("- a\n\n- b\n", "-", true));
  assert.ok(isLoose("1. a\n\n2. b\n", ".", true));
});

test("a blank line at the end of a list counts only if an item follows", () => {
  assert.ok(isLoose("- a\n\n", "-", true));
  assert.ok(!isLoose("- a\n\n", "-", false));
});
