import assert from "node:assert/strict";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { DETAILS } from "../../src/syntax/details.js";
import { htmlTags, mayAwaitTag, withoutBegunTag } from "../../src/syntax/html_tags.js";

const markdown = new MarkdownIt().use(htmlTags);

/** Without the line breaks between blocks. @type {(source: string, env?: { isGrowing?: boolean }) => string} */
const html = (source, env = {}) => markdown.render(source, env).replaceAll("\n", "");

const growing = { isGrowing: true };
const folded = (/** @type {string} */ content) => `<details class="${DETAILS}">${content}</details>`;

test("inline tags become elements without attributes, in any case", () => {
  assert.equal(html('a <KBD class="b">c</kbd>'), "<p>a <kbd>c</kbd></p>");
  assert.equal(html("a<br/>b"), "<p>a<br>b</p>");
});

test("tags without a counterpart, and all other tags, are text", () => {
  assert.equal(html("a <u>b"), "<p>a &lt;u&gt;b</p>");
  assert.equal(html("a <b>b</b>"), "<p>a &lt;b&gt;b&lt;/b&gt;</p>");
});

test("a pair must lie within the same emphasis", () => {
  assert.equal(html("*<u>a* b</u>"), "<p><em>&lt;u&gt;a</em> b&lt;/u&gt;</p>");
  assert.equal(html("*<u>a</u>* b"), "<p><em><u>a</u></em> b</p>");
});

test("comments are dropped, within lines and as lines of their own", () => {
  assert.equal(html("a <!-- b --> c"), "<p>a  c</p>");
  assert.equal(html("<!--\n\na\n\n-->\n\nb"), "<p>b</p>");
  assert.equal(html("<!-- a"), "<p>&lt;!-- a</p>");
});

test("an open comment is hidden while the source grows", () => {
  assert.equal(html("a\n\n<!-- b", growing), "<p>a</p>");
});

test("a text may await a tag only if one has begun", () => {
  for (const text of ["a <!-- b", "a <u>b", "a <br"]) assert.ok(mayAwaitTag(text), text);
  for (const text of ["a < b", "<b>", "a <urgent>"]) assert.ok(!mayAwaitTag(text), text);
});

test("the unfinished tag at the end of a paragraph is hidden, and an open element is closed", () => {
  for (const [source, shown] of /** @type {const} */ ([
    ["a <su", "a "],
    ["a </kb", "a "],
    ["a <details open", "a "],
    ["a <sub>b", "a <sub>b</sub>"],
    ["a <sub>b</su", "a <sub>b</sub>"],
    ["a <!-- b", "a "],
    ["a <!-- b --> c", "a <!-- b --> c"],
    ["a <x", "a <x"],
    ["a \x60<!-- b\x60", "a \x60<!-- b\x60"],
  ]))
    assert.equal(withoutBegunTag(source), shown);
});

test("a folded block has a summary and Markdown in it", () => {
  assert.equal(
    html("<details open>\n<summary>The *title*</summary>\n\n- a\n\n</details>\nafter"),
    `${folded("<summary>The <em>title</em></summary><ul><li>a</li></ul>")}<p>after</p>`,
  );
});

test("folded blocks nest, up to a limit", () => {
  assert.equal(
    html("<details>\na\n<details>\nb\n</details>\n</details>"),
    folded(`<p>a</p>${folded("<p>b</p>")}`),
  );
  const deep = "<details>\n".repeat(9) + "</details>\n".repeat(9);
  assert.equal(html(deep).match(/<details/g)?.length, 8);
  assert.ok(html(deep).startsWith("<p>&lt;details&gt;"), "the outermost of nine is text");
});

test("a folded block without an end is text, unless the source grows", () => {
  assert.equal(html("<details>\na"), "<p>&lt;details&gt;a</p>");
  assert.equal(html("<details>\n<summary>T", growing), folded("<summary>T</summary>"));
});

test("an end tag within code ends no folded block", () => {
  const source = "<details>\n\x60\x60\x60\n</details>\n\x60\x60\x60\n\x60</details>\x60\n</details>";
  assert.equal(
    html(source),
    folded("<pre><code>&lt;/details&gt;</code></pre><p><code>&lt;/details&gt;</code></p>"),
  );
});
