import assert from "node:assert/strict";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { links } from "../../src/syntax/links.js";
import { REMOTE_IMAGE } from "../../src/text/urls.js";

const markdown = new MarkdownIt({ linkify: true }).use(links);

/** @param {string} source */
const rendered = (source) => markdown.renderInline(source);

test("a link has its host as title, in place of the one that the text gives it", () => {
  assert.equal(
    rendered('[here](https://example.com/a "Trust me")'),
    '<a href="https://example.com/a" title="example.com">here</a>',
  );
  assert.equal(
    rendered("[mail](mailto:me@example.com)"),
    '<a href="mailto:me@example.com" title="me@example.com">mail</a>',
  );
});

test("a host is shown behind a link whose text suggests another", () => {
  assert.match(rendered("[good.com](https://evil.org)"), />good\.com<\/a> \(evil\.org\)$/);
  assert.match(rendered("[**good**.com](https://evil.org)"), /<\/a> \(evil\.org\)$/, "across markup");
  assert.match(rendered("[evil.org/page](https://evil.org/page)"), /<\/a>$/);
});

test("other schemes stay text", () => {
  for (const url of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "/tree", "//host/x"])
    assert.ok(!rendered(`[a](${url})`).includes("<a"), url);
});

test("an address in a text becomes a link, with the host as it is requested", () => {
  assert.match(
    rendered("see www.example.com."),
    /href="http:\/\/www\.example\.com".*>www\.example\.com<\/a>\.$/,
  );
  // The first letter is Cyrillic.
  assert.match(rendered("https://аpple.com"), />https:\/\/xn--pple-43d\.com<\/a>/);
});

test("a remote image becomes a link that names its host, and loads nothing", () => {
  const html = rendered("![a cat](https://example.com/cat.png)");
  assert.ok(!html.includes("<img"));
  assert.match(html, new RegExp(`class="${REMOTE_IMAGE}">🖼 a cat \\(example\\.com\\)</a>$`));
});

test("a remote image within a link becomes its text", () => {
  const html = rendered("[![a cat](https://one.example/cat.png)](https://two.example)");
  assert.equal(html.match(/<a /g)?.length, 1);
  assert.ok(html.includes("🖼 a cat (one.example)") && html.includes('href="https://two.example"'));
});

test("an image with embedded data stays an image, and no link leads to one", () => {
  const data = "data:image/png;base64,iVBORw0KGgo=";
  assert.match(rendered(`![dot](${data})`), /^<img src="data:image\/png/);
  assert.ok(!rendered(`[dot](${data})`).includes("href"));
});
