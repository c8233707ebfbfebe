import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { eastAsianWidthType } from "get-east-asian-width";
import { createBlocks } from "../../src/markdown/blocks.js";
import { render, repairUnfinished } from "../../src/syntax/parser.js";
import { eastAsianWidthType as widthType } from "../../src/text/east_asian_width.js";
import { busy, MARKDOWN, randomNumbers } from "../support.js";

/** The examples of the CommonMark specification. @type {{ tests: { section: string, markdown: string, html: string }[] }} */
const spec = createRequire(import.meta.url)("commonmark-spec");

/** GFM extensions, and cases at the boundaries of blocks. */
const OWN = [
  "| a | b |\n|---|:-:|\n| 1 | 2 |\n\nafter",
  "before\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\nlazy",
  "before\n| a | b |\n|---|---\n",
  "a\n| b |\n|--x\n",
  "- [ ] open\n- [x] done\n  - [X] inner\n\nafter",
  "1. [ ] one\n2. two\n\n3. three",
  "~~gone~~ and www.example.com, https://example.com/a_b_c. and me@example.com",
  "- a\n- b\n\n- c\n\nafter",
  "see [a] and [b][a]\n\n# c [A]\n\n[a]: https://example.com 'title'\n\nafter",
  "see [a]\n\nafter\n\nmore\n\n[a]: https://example.com\n'not a\ntitle",
  "see [a]\n\nafter\n\nmore\n\n[a]: https://example.com x",
  "[a]: https://example.com/1\n\n[a]: https://example.com/2\n\nsee [a]",
  "> see [a]\n> > [a]: https://example.com\n\nlast [a]",
  "a\r\n\r\n- b\r\n\r\n\r\n    c\r\rd",
  "```js\na\n\nb\n```\nafter\n~~~\nopen",
  "a\n===\nb\n---\nc\n***\nd",
  "a\u0000b\n\n\u0000",
  "\n\n   \n\ta\n\n\n\nb\n   ",
  "a $x_1$ b\n\n$$\na\n= b\n+ c\n\n# d\n$$\n\nafter",
  "a\n$$\na\n= b\n- c\n$$\nafter\n\n\\[\na\n- b\n- c\n\nd\n\\]",
  "a\n\\begin{gather}\na\n= b\n- c\n\\end{gather}.\nd \\begin{cases} *a* \\end{cases}\n\n\\begin{align}\n\na\n\\end{align}",
  "> \\begin{split}\n> a\n\n- \\begin{split}\n  a\n  \\end{split} b\n\n$n$th and $a$_b",
  "a\n$$\nb\nc\n\n- d\n\\[\n\n| e |\n|---|\n$$\nf",
  "> $$\n> a\n\n- \\[\n  a\n  \\]\n\n$$ a $$ $$\n- b $$\n\nlast \\( a *b*\n\n\\[ a\n1. b\n\\]",
];

/** How the parts of a block are joined: the end, the start, and the text between. @type {Record<string, [RegExp, RegExp, string]>} */
const JOINTS = {
  bullet_list_open: [/\n<\/ul>$/, /^<ul>/, ""],
  ordered_list_open: [/\n<\/ol>$/, /^<ol[^>]*>/, ""],
  table_open: [/\n<\/tbody>\n<\/table>$/, /^<table>\n<thead>.*?<\/thead>\n<tbody>/s, ""],
  paragraph_open: [/<\/p>$/, /^<p>/, " "],
  fence: [/<\/code><\/pre>$/, /^<pre><code[^>]*>/, ""],
};

const SOURCES = [
  ...spec.tests.map(({ markdown }) => markdown.replaceAll("→", "\t")),
  ...OWN,
  ...Object.values(MARKDOWN).flatMap((cases) => cases.map(([source]) => source)),
];

test("a text in blocks renders like the text as a whole", () => {
  for (const source of SOURCES) assert.equal(whole(source), oneShot(source), JSON.stringify(source));
});

test("R33: a text that arrives one character at a time renders like the text as a whole", () => {
  for (const source of SOURCES) assert.equal(streamed(source, 1), oneShot(source), JSON.stringify(source));
});

test("any block after any other renders the same, however the text is cut", () => {
  const random = randomNumbers(7);
  const any = () => SOURCES[Math.floor(random() * SOURCES.length)] ?? "";
  for (let round = 0; round < 500; round++) {
    const source = `${any()}${["\n", "\n\n", ""][round % 3]}${any()}\n${any()}`;
    assert.equal(streamed(source, 1 + Math.floor(random() * 9)), oneShot(source), JSON.stringify(source));
  }
});

/** Lines of long blocks; the first of each is the most frequent. @type {Record<string, [string, string[]]>} */
const GIANTS = {
  list: [
    "",
    [
      "- one *two*\n",
      "- [ ] a\n",
      "  - inner\n",
      "    1. deep\n",
      "-\n",
      "- ```\n  b\n\n  ```\n",
      "  more\n",
      "  <details>\n  b\n\n  </details>\n",
      "lazy\n",
      "<!-- c -->\n",
      "  <details>\n",
    ],
  ],
  "loose list": [
    "- a\n- b\n",
    ["- c `d`\n", "* e\n", "\n", "\n\n", "- f [g]\n", "[g]: https://example.com\n", "1. h\n", "    i\n"],
  ],
  "numbered list": [
    "7. a\n",
    ["8. one [two]\n", "9) b\n", "10. | c | d |\n", "|---|---|\n", "   more\n", "1. $$\n   x\n   $$\n"],
  ],
  table: [
    "| a | b [c] |\n|:-:|---|\n",
    [
      "| 1 | *2* |\n",
      "| `a\\|b` | [c] | d |\n",
      "||\n",
      "lazy\n",
      "|\n",
      "- e\n",
      "[c]: https://example.com\n\n",
    ],
  ],
  fence: ["~~~js\n", ["let a = 1;\n", "\n", "~~\n", "   ~~~~\n", "    ~~~\n", "- b\n"]],
  paragraph: [
    "start",
    [
      " word",
      " **bold**",
      "\nline",
      " a_b",
      " *",
      " [x]",
      " $5",
      "  \n",
      "\n2. no",
      "\n---\n",
      "\\( y",
      " \x60z",
      " <kbd>k</kbd>",
      " <u>",
      " </u>",
      " <!-- c -->",
      " <!--",
      " \\begin{array}",
    ],
  ],
};

test("a long block that is settled in parts renders like the whole", () => {
  const random = randomNumbers(5);
  for (const [kind, [start, lines]] of Object.entries(GIANTS)) {
    for (let round = 0; round < 12; round++) {
      let source = "\n".repeat(round % 3) + start;
      // The later lines may end a block, or change it.
      const few = 1 + (round % lines.length);
      while (source.length < 9000) source += lines[Math.floor(random() ** 6 * few)];
      for (let more = 0; more < 5; more++) source += lines[Math.floor(random() * lines.length)];
      const step = 200 + Math.floor(random() * 900);
      assert.equal(streamed(source, step), oneShot(source), `${kind} ${round}: ${JSON.stringify(source)}`);
    }
  }
});

test("a settled block does not change, and its source is returned only once", () => {
  const random = randomNumbers(3);
  const source = Array.from({ length: 60 }, () => SOURCES[Math.floor(random() * 500)]).join("\n\n");
  const blocksOf = createBlocks();
  /** @type {string[]} */
  let before = [];
  for (let end = 0; end < source.length; end += 7) {
    const blocks = blocksOf(source.slice(0, end));
    const settled = blocks.filter((block) => block.settled).map((block) => block.source);
    assert.deepEqual(settled.slice(0, before.length), before);
    assert.equal(blocks.map((block) => block.source).join(""), source.slice(0, end).replace(/\r\n?/g, "\n"));
    before = settled;
  }
  assert.ok(before.length > 50);
});

test("a different text starts over, and so does one that grows after it was complete", () => {
  const blocksOf = createBlocks();
  blocksOf("# one\n\ntwo\n\nthree\n\n");
  assert.equal(htmlOf(blocksOf("# other")), "<h1>other</h1>");
  assert.equal(htmlOf(blocksOf("# other\n\ntext", true)), "<h1>other</h1><p>text</p>");
  assert.equal(htmlOf(blocksOf("# other\n\ntext that", true)), "<h1>other</h1><p>text that</p>");
});

test("unfinished text looks like what it will become", () => {
  /** @type {[string, string][]} */
  const cases = [
    ["a [li", "<p>a li</p>"],
    ["a [link](https://exa", "<p>a link</p>"],
    ["a ![picture](https://exa", "<p>a picture</p>"],
    ["```js\nlet a", '<pre><code class="language-js">let a</code></pre>'],
    ["`a[0", "<p>`a[0</p>"],
    ["```\na[0", "<pre><code>a[0</code></pre>"],
    ["a <kb", "<p>a</p>"],
    ["a <kbd>b", "<p>a <kbd>b</kbd></p>"],
    ["a <kbd>b</k", "<p>a <kbd>b</kbd></p>"],
    ["a <mark style='b", "<p>a</p>"],
    ["a <x", "<p>a &lt;x</p>"],
    ["a <!-- b", "<p>a</p>"],
    ["`<!--` a", "<p><code>&lt;!--</code> a</p>"],
    ["a\n\n<!-- b\n\nc", "<p>a</p>"],
    ["`<kbd", "<p>`&lt;kbd</p>"],
  ];
  for (const [source, html] of cases)
    assert.equal(htmlOf(createBlocks()(source)).replace(/\n<\/code>/, "</code>"), html);
});

test("tags, comments, folded blocks and emphasis beside CJK are rendered", () => {
  for (const [source, html] of Object.values(MARKDOWN).flat()) {
    assert.equal(plain(oneShot(source)), html, JSON.stringify(source));
  }
});

test("emphasis elsewhere follows CommonMark", () => {
  const examples = spec.tests.filter(
    ({ section, markdown }) => section === "Emphasis and strong emphasis" && !/[<[]/.test(markdown),
  );
  assert.ok(examples.length > 100);
  for (const { markdown, html } of examples) assert.equal(oneShot(markdown), withoutGaps(html), markdown);
});

test("the view's table of wide characters agrees with the package that it replaces", () => {
  const kind = (/** @type {string} */ type) => (/^(?:wide|fullwidth|halfwidth)$/.test(type) ? "wide" : type);
  for (let code = 0x1100; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    // There emoji do not count as wide, and unassigned characters have no width.
    if (/\p{Emoji_Presentation}|\p{Cn}|\p{Co}/u.test(character)) continue;
    const [ours, theirs] = [widthType(code), kind(eastAsianWidthType(code))];
    const isTold = theirs === "wide" || /[\u2018\u2019\u201C\u201D]|[\u{E0100}-\u{E01EF}]/u.test(character);
    assert.equal(ours, isTold ? theirs : "neutral", code.toString(16));
  }
});

test("an unfinished folded block shows its summary and its content so far", () => {
  const blocksOf = createBlocks();
  const source =
    "before\n\n<details>\n<summary>A *b*</summary>\n\n- c\n\n<details>\nd\n</details>\n</details>\n\nafter";
  const shown = (/** @type {string} */ end) =>
    plain(htmlOf(blocksOf(source.slice(0, source.indexOf(end) + end.length))));
  assert.equal(shown("<detai"), "<p>before</p>");
  assert.equal(shown("<summary>A"), "<p>before</p><details><summary>A</summary></details>");
  assert.equal(
    shown("- c"),
    "<p>before</p><details><summary>A <em>b</em></summary><ul><li>c</li></ul></details>",
  );
  assert.match(shown("d\n</details>\n"), /<details><p>d<\/p><\/details><\/details>$/);
  assert.match(shown("after"), /<\/details><p>after<\/p>$/);
});

test("unclosed tags take linear time", () => {
  for (const sign of [
    "<u>",
    "</u>",
    "<u></sub>",
    "<kbd ",
    "<!--",
    "<!--\n",
    "> <!--\n>\n",
    "<details>",
    "<details>\n",
    "<details>\n\n",
    "<details>\n</details>\n<details>\n\n",
    "- <details>\n",
    "> <details>\n",
    "<details><summary>\n",
    "*<u>",
  ]) {
    const source = sign.repeat(100_000 / sign.length);
    const started = busy();
    createBlocks()(source);
    htmlOf(createBlocks()(source, true));
    repairUnfinished(source);
    assert.ok(busy() - started < 3000, JSON.stringify(sign));
  }
});

test("links lead to http, https and mailto only, and name their host", () => {
  const link = (/** @type {string} */ url, /** @type {string} */ host, /** @type {string} */ text) =>
    `<p><a href="${url}" title="${host}">${text}</a></p>`;
  assert.equal(render("[a](https://b.example/c 'spoof')", {}), link("https://b.example/c", "b.example", "a"));
  assert.equal(render("me@b.example", {}), link("mailto:me@b.example", "me@b.example", "me@b.example"));
  assert.equal(render("www.b.example", {}), link("http://www.b.example", "www.b.example", "www.b.example"));
  assert.equal(render("main.py", {}), "<p>main.py</p>");
  for (const url of [
    "javascript:a",
    "/lab",
    "//b.example",
    "https:/lab",
    "https:lab",
    "ftp://b.example",
    "#a",
  ]) {
    assert.doesNotMatch(render(`[a](${url})`, {}), /<a/);
  }
  assert.doesNotMatch(render("[a](data:image/png;base64,AAAA)", {}), /href/);
});

test("a deceptive link shows its host", () => {
  for (const text of ["https://good.example", "good.example", "www.good.example/login"]) {
    assert.match(render(`[${text}](https://bad.example/)`, {}), /<\/a> \(bad\.example\)/);
    assert.doesNotMatch(render(`[${text}](https://www.good.example/)`, {}), /<\/a> \(/);
  }
  assert.match(render("<https://good.example@bad.example/>", {}), /<\/a> \(bad\.example\)/);
  assert.doesNotMatch(render("[the docs](https://bad.example/)", {}), /<\/a> \(/);
});

test("only images with embedded data are shown", () => {
  assert.match(
    render("![a](data:image/png;base64,AAAA)", {}),
    /<img src="data:image\/png;base64,AAAA" alt="a">/,
  );
  const remote =
    '<a href="https://b.example/c.png" title="b.example" class="chatwidget-remote-image">🖼 a (b.example)</a>';
  assert.equal(render("![a](https://b.example/c.png)", {}), `<p>${remote}</p>`);
  assert.match(
    render("[![a](https://b.example/c.png)](https://d.example)", {}),
    /^<p><a [^>]*>🖼 a \(b.example\)<\/a>/,
  );
  for (const url of ["data:image/svg+xml;base64,AAAA", "attachment:a", "/a.png", "//b.example/a.png"]) {
    assert.doesNotMatch(render(`![a](${url})`, {}), /<img/);
  }
});

/** @param {string} source */
function oneShot(source) {
  return withoutGaps(render(source, {}));
}

/** @param {string} source */
function whole(source) {
  return htmlOf(createBlocks()(source, true));
}

/**
 * @param {string} source
 * @param {number} step
 */
function streamed(source, step) {
  const blocksOf = createBlocks();
  for (let end = 0; end < source.length; end += step) htmlOf(blocksOf(source.slice(0, end)));
  return htmlOf(blocksOf(source, true));
}

/** @param {{ html: string, joins: string | null }[]} blocks */
function htmlOf(blocks) {
  /** @type {string[]} */
  const parts = [];
  for (const { html, joins } of blocks) {
    if (joins === null) parts.push(html);
    else parts.push(joined(joins, parts.pop() ?? "", html));
  }
  return withoutGaps(parts.join("\n"));
}

/**
 * @param {string} type
 * @param {string} before
 * @param {string} after
 */
function joined(type, before, after) {
  const [end, start, between] = /** @type {[RegExp, RegExp, string]} */ (JOINTS[type]);
  assert.match(before, end);
  assert.match(after, start);
  return before.replace(end, between) + after.replace(start, "");
}

/**
 * Return HTML without the line breaks between elements, as there are none between blocks.
 *
 * @param {string} html
 */
function withoutGaps(html) {
  return html.trim().replace(/>\n+(?=<)/g, ">");
}

/**
 * Return HTML without the attributes of links and folded blocks, and without extra spaces.
 *
 * @param {string} html
 */
function plain(html) {
  return html
    .replace(/ (?:title|class)="[^"]*"/g, "")
    .replace(/(?<=<br>)\n|\n(?=<\/code>|<details|<ul)/g, "");
}
