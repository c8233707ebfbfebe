import assert from "node:assert/strict";
import { test } from "node:test";
import { createBlocks } from "../../src/markdown/blocks.js";
import { toMathML } from "../../src/markdown/math_bundle.js";
import { render, repairUnfinished } from "../../src/syntax/parser.js";
import { busy, FORMULAS } from "../support.js";

const formula = (/** @type {string} */ source, more = "") =>
  `<span class="chatwidget-math${more}">${source}</span>`;
const display = (/** @type {string} */ source) => formula(source, " chatwidget-math-display");

test("formulas are recognized by their delimiters, inline and on lines of their own", () => {
  /** @type {[string, string][]} */
  const cases = [
    ["a $x_1 + *y*$ b", `<p>a ${formula("$x_1 + *y*$")} b</p>`],
    ["\\(a_b\\), \\[c\\].", `<p>${formula("\\(a_b\\)")}, ${display("\\[c\\]")}.</p>`],
    ["see $$x$$.", `<p>see ${display("$$x$$")}.</p>`],
    ["$$ x $$", `<p>${display("$$ x $$")}</p>`],
    ["a\n$$\nb\n- c\n= d\n$$\ne", `<p>a</p><p>${display("$$\nb\n- c\n= d\n$$")}</p><p>e</p>`],
    ["> \\[\n> a\n> \\]", `<blockquote><p>${display("\\[\na\n\\]")}</p></blockquote>`],
    ["**($x$)** und公式$y$是", `<p><strong>(${formula("$x$")})</strong> und公式${formula("$y$")}是</p>`],
    ["$a < b$", `<p>${formula("$a &lt; b$")}</p>`],
    ["the $m$th, $2k$nd", `<p>the ${formula("$m$")}th, ${formula("$2k$")}nd</p>`],
    ["$y$s, $x_{ij}$te", `<p>${formula("$y$")}s, ${formula("$x_{ij}$")}te</p>`],
    [
      "SO$_4$ at 7$^\\circ$C, 9$\\times 10^8$",
      `<p>SO${formula("$_4$")} at 7${formula("$^\\circ$")}C, 9${formula("$\\times 10^8$")}</p>`,
    ],
    ["\\begin{align}\na &= b\n\\end{align}", `<p>${display("\\begin{align}\na &amp;= b\n\\end{align}")}</p>`],
    [
      "a\n\\begin{gather*}\n- b\n= c\n\n\\end{gather*}",
      "<p>a</p><p>\\begin{gather*}</p><ul><li>b\n= c</li></ul><p>\\end{gather*}</p>",
    ],
    [
      "a\n\\begin{split} b \\end{split},\nc",
      `<p>a</p><p>${display("\\begin{split} b \\end{split},")}</p><p>c</p>`,
    ],
    [
      "\\begin{equation*}\n\\begin{cases}\na\n\\end{cases}\n\\end{equation*}",
      `<p>${display("\\begin{equation*}\n\\begin{cases}\na\n\\end{cases}\n\\end{equation*}")}</p>`,
    ],
    [
      "M = \\begin{bmatrix}1\\end{bmatrix} \\begin{multline}a\\end{multline}",
      `<p>M = ${formula("\\begin{bmatrix}1\\end{bmatrix}")} ${display("\\begin{multline}a\\end{multline}")}</p>`,
    ],
    [
      "> \\begin{alignat}{2}\n> a\n> \\end{alignat}",
      `<blockquote><p>${display("\\begin{alignat}{2}\na\n\\end{alignat}")}</p></blockquote>`,
    ],
  ];
  for (const [source, html] of cases) assert.equal(render(source, {}).replace(/>\n+(?=<)/g, ">"), html);
});

test("the view and exported pages recognize the same formulas", () => {
  for (const [source, formulas] of FORMULAS) {
    const html = createBlocks()(source, true).map((block) => block.html);
    const matches = html.join("").matchAll(/<span class="chatwidget-math[^"]*">(.*?)<\/span>/gs);
    assert.deepEqual(
      Array.from(matches, ([, formula = ""]) => formula.replaceAll("&amp;", "&")),
      formulas,
      source,
    );
  }
});

test("amounts of money, variables and code are not formulas", () => {
  for (const source of [
    "$5 and $10",
    "from $5 to 10$",
    "$1.50/$2",
    "US$5 to US$7",
    "$HOME/$USER",
    "$PATH:$HOME:",
    `$${"{a}"}-$${"{b}"}`,
    "`$a$` and \\$b\\$",
    "x $ y $ z",
    "$a\n\n$b",
    "$$$$ \\[\\] \\(",
    "    $$\n    a\n    $$",
    "$$\na\n\nb\n$$ c",
    "$7 and $8",
    "between $30, say, and US$35",
    "A$4k, get B$ and C$",
    "$name$ext, $obj->$key, $a,$b",
    "`\\begin{align}a\\end{align}`",
    "```\n\\begin{align}\na\n\\end{align}\n```",
    "    \\begin{align}a\\end{align}",
    "\\\\begin{align}a\\end{align}",
    "\\begin{itemize}\n\\item a\n\\end{itemize}",
    "\\begin{align} a",
  ]) {
    assert.doesNotMatch(render(source, {}), /chatwidget-math/, source);
  }
});

test("an unfinished formula shows its source", () => {
  const blocksOf = createBlocks();
  assert.equal(
    blocksOf("a\n\n$$\nb\n- *c*")[1]?.html,
    '<p><span class="chatwidget-math-open">$$\nb\n- *c*</span></p>',
  );
  assert.equal(blocksOf("a\n\n$$\nb\n- *c*\n$$")[1]?.html, `<p>${display("$$\nb\n- *c*\n$$")}</p>`);
  assert.equal(render(repairUnfinished("a \\(b_*c*"), {}), "<p>a \\(b_*c*</p>");
  assert.equal(render(repairUnfinished("a \\begin{cases} *b*"), {}), "<p>a \\begin{cases} *b*</p>");
  assert.equal(
    createBlocks()("\\begin{align}\n- b\n= *c*")[0]?.html,
    '<p><span class="chatwidget-math-open">\\begin{align}\n- b\n= *c*</span></p>',
  );
});

test("unclosed delimiters take linear time", () => {
  for (const sign of [
    "$a ",
    "$$a ",
    "\\(",
    "\\[",
    "$$\n",
    "\\[\n",
    "\\[\na\n",
    "$$\na\n",
    "\\begin{CD}",
    "\\begin{split}\n",
  ]) {
    const source = sign.repeat(50_000);
    const started = busy();
    createBlocks()(source);
    repairUnfinished(source);
    assert.ok(busy() - started < 2000, JSON.stringify(sign));
  }
});

test("MathML has no styles, and commands for links, images and attributes are refused", () => {
  const mathML = toMathML(String.raw`\color{red}{x} \boxed{y} \begin{array}{c|c}a&b\end{array}`, true);
  assert.match(mathML, /<mi class="" mathcolor="#ff0000">x<\/mi>/i);
  assert.match(mathML, /tml-box/);
  assert.match(mathML, /tml-line-right/);
  assert.doesNotMatch(mathML, / style=/);
  for (const tex of [
    String.raw`\href{javascript:alert(1)}{x}`,
    String.raw`\includegraphics{https://a.example/b.png}`,
    String.raw`\htmlData{a=b}{x}`,
    String.raw`\class{jp-Dialog}{x}`,
    String.raw`\frac{`,
  ]) {
    assert.throws(() => toMathML(tex, false), tex);
  }
});

test("every environment that needs no delimiters can be drawn", () => {
  for (const name of "align align* aligned alignat* gather gathered flalign flalign* eqnarray eqnarray* equation equation* multline split cases dcases matrix pmatrix Bmatrix vmatrix smallmatrix array".split(
    " ",
  )) {
    const more = { "alignat*": "{2}", array: "{cc}" }[name] ?? "";
    const tex = `\\begin{${name}}${more}a${/equation/.test(name) ? "" : "\\\\b"}\\end{${name}}`;
    assert.match(render(tex, {}), /^<p><span class="chatwidget-math/, name);
    assert.match(toMathML(tex, true), /^<math/, name);
  }
});

test("no formula takes long, whatever macros it defines", () => {
  for (const tex of [
    `\\edef\\a{x}${"\\edef\\a{\\a\\a}".repeat(300)}\\a`,
    "\\def\\e#1{\\e{#1#1}}\\e{x}",
    "{".repeat(5000),
    "\\frac{".repeat(800),
    `\\begin{matrix}${"a&".repeat(1600)}\\end{matrix}`,
    `x${"'".repeat(4900)}`,
  ]) {
    const started = busy();
    try {
      toMathML(tex, true);
    } catch (error) {
      assert.ok(error instanceof Error);
    }
    assert.ok(busy() - started < 500, tex.slice(0, 40));
  }
});
