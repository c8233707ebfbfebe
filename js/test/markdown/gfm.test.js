import assert from "node:assert/strict";
import { test } from "node:test";
import { createBlocks } from "../../src/markdown/blocks.js";

const HEAD = "| a | b |\n| --- | --- |\n";
const head = "<table><thead><tr><th>a</th><th>b</th></tr></thead>";
const row = (/** @type {string[]} */ ...cells) =>
  `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
const body = (/** @type {string[]} */ ...rows) => `<tbody>${rows.join("")}</tbody></table>`;
const link = (/** @type {string} */ url, text = url) => `<a href="${url}">${text}</a>`;

/** One example for each rule of the sections that GFM adds to CommonMark. @type {Record<string, [string, string][]>} */
const SECTIONS = {
  tables: [
    [`${HEAD}| c | d |\n`, head + body(row("c", "d"))],
    [
      "| a | bc |\n:-: | ---:\nd | e",
      '<table><thead><tr><th align="center">a</th><th align="right">bc</th></tr></thead>' +
        '<tbody><tr><td align="center">d</td><td align="right">e</td></tr></tbody></table>',
    ],
    [
      "| a\\|b |\n|---|\n| c `\\|` d |",
      `<table><thead><tr><th>a|b</th></tr></thead>${body(row("c <code>|</code> d"))}`,
    ],
    [`${HEAD}| c | d |\n> e`, `${head}${body(row("c", "d"))}<blockquote><p>e</p></blockquote>`],
    [`${HEAD}| c | d |\ne\n\nf`, `${head}${body(row("c", "d"), row("e", ""))}<p>f</p>`],
    ["| a | b |\n| --- |\n| c |", "<p>| a | b |\n| --- |\n| c |</p>"],
    [`${HEAD}| c |\n| d | e | f |`, head + body(row("c", ""), row("d", "e"))],
    [HEAD, `${head}</table>`],
  ],
  "task lists": [
    [
      "- [ ] a\n- [x] b",
      '<ul><li><input type="checkbox" disabled=""> a</li><li><input type="checkbox" disabled="" checked=""> b</li></ul>',
    ],
    [
      "- [X] a\n  - [ ] b",
      '<ul><li><input type="checkbox" disabled="" checked=""> a<ul><li><input type="checkbox" disabled=""> b</li></ul></li></ul>',
    ],
    ["- [y] a\n- [ ]b", "<ul><li>[y] a</li><li>[ ]b</li></ul>"],
  ],
  strikethrough: [
    ["~~a~~ b", "<p><s>a</s> b</p>"],
    ["a ~~b\n\nc~~", "<p>a ~~b</p><p>c~~</p>"],
  ],
  autolinks: [
    ["www.a.example", `<p>${link("http://www.a.example", "www.a.example")}</p>`],
    ["see www.a.example/b now", `<p>see ${link("http://www.a.example/b", "www.a.example/b")} now</p>`],
    [
      "www.a.example. And www.b.example?",
      `<p>${link("http://www.a.example", "www.a.example")}. And ${link("http://www.b.example", "www.b.example")}?</p>`,
    ],
    ["(https://a.example/b?c=(d))", `<p>(${link("https://a.example/b?c=(d)")})</p>`],
    ["http://a.example/b<c", `<p>${link("http://a.example/b")}&lt;c</p>`],
    ["https://a.example/b?c=d*", `<p>${link("https://a.example/b?c=d")}*</p>`],
    ["a@b.example", `<p>${link("mailto:a@b.example", "a@b.example")}</p>`],
    ["a+b@c.example, d.", `<p>${link("mailto:a+b@c.example", "a+b@c.example")}, d.</p>`],
    ["a.b-c_d@e.example.", `<p>${link("mailto:a.b-c_d@e.example", "a.b-c_d@e.example")}.</p>`],
  ],
  "where GFM has it otherwise": [
    ["a ~~~b~~~ ~c~", "<p>a ~<s>b</s>~ ~c~</p>"],
    ["https://a.example/b?c=(d", `<p>${link("https://a.example/b?c=")}(d</p>`],
  ],
  "raw HTML, of which there is none": [["<b>a</b> <script>", "<p>&lt;b&gt;a&lt;/b&gt; &lt;script&gt;</p>"]],
};

for (const [section, examples] of Object.entries(SECTIONS)) {
  test(`${section}, whole and one character at a time`, () => {
    for (const [source, html] of examples) {
      assert.equal(plain(createBlocks()(source, true)), html, JSON.stringify(source));
      const blocksOf = createBlocks();
      for (let end = 0; end < source.length; end++) plain(blocksOf(source.slice(0, end)));
      assert.equal(plain(blocksOf(source, true)), html, JSON.stringify(source));
    }
  });
}

/**
 * Return the HTML without the titles of links and without breaks between elements.
 *
 * @param {{ html: string }[]} blocks
 */
function plain(blocks) {
  const html = blocks.map((block) => block.html).join("\n");
  return html
    .replace(/ title="[^"]*"/g, "")
    .replace(/>\n+(?=<)/g, ">")
    .replace(/([^>])\n(?=<(?:ul|\/))/g, "$1");
}
