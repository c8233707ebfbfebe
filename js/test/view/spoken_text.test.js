import assert from "node:assert/strict";
import { test } from "node:test";
import { stringsFor } from "../../src/i18n/strings.js";
import { SpokenTextReader } from "../../src/view/spoken_text.js";
import { busy } from "../support.js";

const strings = stringsFor("en");

/** @param {string} text read in one go */
const whole = (text) => new SpokenTextReader(strings).read(text, true);

/** @param {string} text read one character at a time */
function growing(text) {
  const reader = new SpokenTextReader(strings);
  const sentences = Array.from(text, (_, index) => reader.read(text.slice(0, index + 1), false));
  return [...sentences, reader.read(text, true)].flat();
}

const CASES = [
  ["One. Two", ["One.", "Two"]],
  ["A line\nand its end. More.", ["A line and its end.", "More."]],
  ["# A title\nText.", ["A title", "Text."]],
  ["- one\n- [x] two\n1. three", ["one", "two", "three"]],
  ["> quoted *softly*", ["quoted softly"]],
  ["> [!NOTE]\n> Mind it.\n\nAfter.", ["Note", "Mind it.", "After."]],
  ["It is said[^1] so.\n\n[^1]: By whom.", ["It is said so.", "By whom."]],
  [
    "**Bold**, _slanted_, `code_here`, ~~gone~~ and snake_case.",
    ["Bold, slanted, code_here, gone and snake_case."],
  ],
  ["See [the page](https://example.org/a_b) and ![a cat](cat.png).", ["See the page and a cat."]],
  ["Before.\n\n```python\nx = 1. y\n```\n\nAfter.", ["Before.", "Code block.", "After."]],
  ["~~~~\na\n~~~\nb\n~~~~\nAfter.", ["Code block.", "After."]],
  ["| a | b |\n|---|---|\n| 1 | 2 |\nAfter.", ["Table.", "After."]],
  ["$$\nx^2\n$$\nAfter.", ["formula", "After."]],
  ["\\[x^2\\]\nAfter.", ["formula", "After."]],
  ["With $x^2$ it costs $5 or $10.", ["With formula it costs $5 or $10."]],
  ["The $n$th of CO$_2$, $x$.", ["The formula th of CO formula, formula."]],
  ["\\begin{align}\na. b\n\\begin{split}\nc\n\\end{split}\n\\end{align}\nAfter.", ["formula", "After."]],
  ["So \\begin{cases} a. b \\end{cases} it is.", ["So formula it is."]],
  ["\\begin{gather} a \\end{gather}\nAfter.", ["formula", "After."]],
  ["H<sub>2</sub>O<br>and <KBD class='a'>Esc</KBD>. <mark>More.</mark>", ["H2O and Esc.", "More."]],
  ["Use `<br>` and <b>this</b>, List<u8> too.", ["Use <br> and <b>this</b>, List<u8> too."]],
  ["One <!-- not. this -->two.\n<!-- nor\n\nthis. -->\nThree.", ["One two.", "Three."]],
  [
    "<details>\n<summary>The *title*</summary>\n\nText.\n\n</details>\nAfter.",
    ["The title", "Text.", "After."],
  ],
  ["<details><summary>Title</summary>\nText.\n</details>", ["Title", "Text."]],
  ["**注意：**请看。", ["注意：请看。"]],
  ["One\n\n---\n\nTwo", ["One", "Two"]],
  ["Title\n=====\nText", ["Title Text"]],
  ["2 \\* 3 \\_ 4", ["2 * 3 _ 4"]],
  ["", []],
];

test("spoken text has no markup, and blocks are named", () => {
  for (const [text, spoken] of CASES) assert.deepEqual(whole(String(text)), spoken, String(text));
});

test("a growing text is read like the whole", () => {
  for (const [text, spoken] of CASES) assert.deepEqual(growing(String(text)), spoken, String(text));
});

test("text is read by finished sentences, never by tokens", () => {
  const reader = new SpokenTextReader(strings);
  assert.deepEqual(reader.read("The first sen", false), []);
  assert.deepEqual(reader.read("The first sentence. The", false), ["The first sentence."]);
  assert.deepEqual(reader.read("The first sentence. The second", false), []);
  assert.deepEqual(reader.read("The first sentence. The second", true), ["The second"]);
});

test("text with unclosed markup is read, in linear time", () => {
  const reader = new SpokenTextReader(strings);
  assert.equal(reader.read("word ".repeat(1000), false).length, 1);
  for (const text of [
    "[".repeat(1e5),
    "$a ".repeat(5e4),
    "*".repeat(1e5),
    "- ".repeat(1e5),
    "\\(".repeat(5e4),
    "\\begin{align} ".repeat(1e4),
    "\x60".repeat(1e5),
    "<u ".repeat(5e4),
    "<!--".repeat(5e4),
  ]) {
    const started = busy();
    whole(text);
    assert.ok(busy() - started < 1000, text.slice(0, 4));
  }
});

test("a text that starts over is read from its start", () => {
  const reader = new SpokenTextReader(strings);
  reader.read("Hm, let me see. That", false);
  assert.deepEqual(reader.read("It is 42. And that is a long answer.", false), ["It is 42."]);
  assert.deepEqual(reader.read("It is 42. And that is a long answer.", true), ["And that is a long answer."]);
});
