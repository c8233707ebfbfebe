import assert from "node:assert/strict";
import { test } from "node:test";
import { modeOf } from "../../src/code/languages.js";
import { copyState, startState, tokenize } from "../../src/code/tokenize.js";
import { busy, randomNumbers } from "../support.js";

/** @import { Mode } from "../../src/code/languages.js" */

/** A sample of each language, and the highlighted parts of it. @type {[string, string, Record<string, string>][]} */
const SAMPLES = [
  [
    "python",
    '@a\ndef f(x):\n  """b\n  c"""\n  return 1  # d',
    { def: "f", comment: "# d", string: '  c"""' },
  ],
  ["r", 'f <- function(x) x + 1 # c\n"s"', { keyword: "function", comment: "# c", string: '"s"' }],
  ["julia", 'function f(x)\n  "s" # c\nend', { keyword: "end", string: '"s"', comment: "# c" }],
  [
    "javascript",
    "const a = `b\n`; c(1); // c",
    { keyword: "const", string: "`", number: "1", comment: "// c" },
  ],
  ["ts", "interface A { b: string } /* c\nd */", { def: "A", builtin: "string", comment: "d */" }],
  ["bash", "if true; then echo $A; fi # c", { keyword: "fi", builtin: "echo", comment: "# c" }],
  ["json", '{"a": ["b", 1, true]}', { property: '"a"', string: '"b"', number: "1", atom: "true" }],
  ["yaml", "a: true # c\nb: 'd'", { property: "b", atom: "true", comment: " # c", string: "'d'" }],
  ["sql", "select 'a' FROM b -- c", { keyword: "FROM", string: "'a'", comment: "-- c" }],
  ["html", '<p a="b">c</p><!-- d -->', { tag: "p", property: "a", string: '"b"', comment: "<!-- d -->" }],
  [
    "css",
    "@media x {\n.a { color: #fff }\n}",
    { keyword: "@media", property: "color", number: "#fff", def: ".a" },
  ],
  [
    "c",
    '#include <a>\nint b = 0xff; /* c\n*/ char *d = "e";',
    { meta: "#include", number: "0xff", comment: "*/" },
  ],
  [
    "c++",
    "class A { public: bool b = true; };",
    { def: "A", keyword: "public", builtin: "bool", atom: "true" },
  ],
  ["rust", 'fn f() { let a = "b"; } // c', { def: "a", string: '"b"', comment: "// c" }],
  ["markdown", "# a\n**b** `c`\n> d", { heading: "# a", strong: "**b**", string: "`c`", comment: "> d" }],
  ["diff", "-a\n+b\n c", { deleted: "-a", inserted: "+b" }],
];

test("each language is highlighted, even across lines", () => {
  for (const [name, source, kinds] of SAMPLES) {
    const tokens = coloured(wellKnown(name), source);
    for (const [kind, text] of Object.entries(kinds)) {
      assert.ok(
        tokens.some((token) => token.kind === kind && token.text === text),
        `${name}: no ${kind} ${text} in ${JSON.stringify(tokens)}`,
      );
    }
  }
});

test("no character is lost, whatever the text and the language", () => {
  const random = randomNumbers(11);
  const any = (/** @type {readonly string[]} */ from) => from[Math.floor(random() * from.length)] ?? "";
  const parts = [...SAMPLES.map(([, source]) => source), ..."()[]{}<>'\"`\\/*#$@:;=-+,. \t\né😀\u202e"];
  for (let round = 0; round < 3000; round++) {
    const source = Array.from({ length: 1 + Math.floor(random() * 12) }, () => any(parts)).join("");
    const tokens = coloured(wellKnown(any(SAMPLES.map(([name]) => name))), source);
    assert.equal(tokens.map(({ text }) => text).join(""), source.replaceAll("\n", ""));
  }
});

test("tokenizing with a copied state leaves the original unchanged", () => {
  for (const [name, source] of SAMPLES) {
    const mode = wellKnown(name);
    const state = startState(mode);
    for (const line of source.split("\n")) {
      const first = tokenize(mode, line, copyState(mode, state));
      tokenize(mode, '{ ( "', copyState(mode, state));
      assert.deepEqual(tokenize(mode, line, copyState(mode, state)), first, `${name}: ${line}`);
      tokenize(mode, line, state);
    }
  }
});

test("no line takes long, and one of a million characters stays plain", () => {
  for (const [name] of SAMPLES) {
    const mode = wellKnown(name);
    assert.equal(tokenize(mode, "x".repeat(1e6), startState(mode)).length, 1);
    for (const part of ["(", "[a]", '"', "'", "`", "<a ", "=/", "${", "a:", "a ", "  ", "\\", "_a_", "f'{"]) {
      const state = startState(mode);
      const started = busy();
      for (let line = 0; line < 5; line++) tokenize(mode, part.repeat(500).slice(0, 500), state);
      assert.ok(busy() - started < 500, `${name}: ${part}`);
    }
  }
});

test("only names of languages are recognized", () => {
  for (const name of ["", "text", "mermaid", "constructor", "__proto__"])
    assert.equal(modeOf(name), undefined);
  assert.equal(modeOf("Python"), modeOf("py"));
});

/** @param {string} name */
function wellKnown(name) {
  const mode = modeOf(name);
  assert.ok(mode, name);
  return mode;
}

/**
 * @param {Mode} mode
 * @param {string} source
 */
function coloured(mode, source) {
  const state = startState(mode);
  return source.split("\n").flatMap((line) => tokenize(mode, line, state));
}
