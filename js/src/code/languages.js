/**
 * The highlighted languages. The modes are CodeMirror's, as in notebook cells; where its own mode carries many dialects
 * and long lists of names, a table for its `simpleMode` replaces it.
 */

import { diff } from "@codemirror/legacy-modes/mode/diff";
import { julia } from "@codemirror/legacy-modes/mode/julia";
import { python } from "@codemirror/legacy-modes/mode/python";
import { r } from "@codemirror/legacy-modes/mode/r";
import { rust } from "@codemirror/legacy-modes/mode/rust";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { simpleMode } from "@codemirror/legacy-modes/mode/simple-mode";
import { html } from "@codemirror/legacy-modes/mode/xml";

/** @import { Rule } from "@codemirror/legacy-modes/mode/simple-mode" */
/** @import { StreamParser } from "@codemirror/streamparser" */

/** @typedef {StreamParser<unknown>} Mode */

/** @type {Rule} */
const NUMBER = {
  regex: /0[xob][\da-f_]+n?|(?:\d[\d_']*)?\.?\d[\d_]*(?:e[+-]?\d+)?[a-z]*/i,
  token: "number",
};
/** @type {Rule} */
const QUOTED = { regex: /"(?:[^"\\]|\\.)*"?/, token: "string" };
/** @type {Rule} */
const SINGLE_QUOTED = { regex: /'(?:[^'\\]|\\.)*'?/, token: "string" };
/** @type {Rule} */
const COMMENT_BEGINS = { regex: /\/\*/, token: "comment", push: "comment" };
/** @type {Rule} */
const LINE_COMMENT = { regex: /\/\/.*/, token: "comment" };
/** @type {Rule} */
const WORD = { regex: /[\p{L}_$][\p{L}\p{N}_$]*/u };

/** The rest of a comment, across lines. */
const COMMENT = [
  { regex: /.*?\*\//, token: "comment", pop: true },
  { regex: /.+/, token: "comment" },
];

const javascript = simpleMode({
  start: [
    LINE_COMMENT,
    COMMENT_BEGINS,
    QUOTED,
    SINGLE_QUOTED,
    { regex: /`/, token: "string", push: "template" },
    NUMBER,
    { regex: /@[\w.]+/, token: "meta" },
    {
      regex: /(function|class|interface|enum|type|namespace)(\s+)([\w$]+)/,
      token: /** @type {string[]} */ (["keyword", null, "def"]),
    },
    words(
      "keyword",
      "as async await break case catch class const continue debugger declare default delete do else enum export",
      "extends finally for from function get if implements import in instanceof interface is keyof let namespace",
      "new of override private protected public readonly return satisfies set static super switch throw try type",
      "typeof var void while with yield",
    ),
    words("atom", "true false null undefined NaN Infinity this"),
    words("builtin", "any boolean bigint never number object string symbol unknown"),
    // A slash where an expression may start begins a regular expression.
    {
      regex: /([=(,:[!&|?;]\s*)(\/(?![*/])(?:[^\\/[]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[dgimsuvy]*)/,
      token: /** @type {string[]} */ ([null, "string"]),
    },
    { regex: /\{/, push: "start" },
    { regex: /\}/, pop: true },
    WORD,
  ],
  template: [
    { regex: /`/, token: "string", pop: true },
    { regex: /\$\{/, token: "meta", push: "start" },
    { regex: /(?:[^`\\$]|\\.|\$(?!\{))+|\\$/, token: "string" },
  ],
  comment: COMMENT,
});

const json = simpleMode({
  start: [
    LINE_COMMENT,
    COMMENT_BEGINS,
    { regex: /"(?:[^"\\]|\\.)*"(?=\s*:)/, token: "property" },
    QUOTED,
    { regex: /-?\d[\d.]*(?:e[+-]?\d+)?/i, token: "number" },
    words("atom", "true false null"),
    WORD,
  ],
  comment: COMMENT,
});

const yaml = simpleMode({
  start: [
    { regex: /(?:---|\.\.\.)(?=\s|$)/, sol: true, token: "meta" },
    { regex: /#.*/, sol: true, token: "comment" },
    { regex: /\s+#.*/, token: "comment" },
    { regex: /[ \t]+/ },
    { regex: /"(?:[^"\\]|\\.)*"(?=\s*:(?:\s|$))|'[^']*'(?=\s*:(?:\s|$))/, token: "property" },
    QUOTED,
    { regex: /'[^']*'?/, token: "string" },
    { regex: /[\w$/][^\s:#,{}[\]]*(?: [^\s:#,{}[\]]+)*(?=:(?:\s|$))/, token: "property" },
    { regex: /(?:true|false|null|yes|no|on|off|~)(?=\s*(?:$|[,\]}#]))/i, token: "atom" },
    { regex: /-?\d[\d.]*(?:e[+-]?\d+)?(?=\s*(?:$|[,\]}#]))/i, token: "number" },
    { regex: /[&*!][\w!./-]+/, token: "meta" },
    { regex: /[|>][+-]?\d*\s*$/, token: "meta" },
    { regex: /[^\s,{}[\]"']+/ },
  ],
});

const sql = simpleMode({
  start: [
    { regex: /--.*|#.*/, token: "comment" },
    COMMENT_BEGINS,
    { regex: /'(?:[^'\\]|\\.|'')*'?/, token: "string" },
    { regex: /"[^"]*"?|`[^`]*`?/, token: "property" },
    NUMBER,
    anyCase(words("atom", "true false null")),
    anyCase(
      words(
        "keyword",
        "add all alter analyze and any as asc begin between by cascade case check column commit constraint create",
        "cross current database default delete desc describe distinct drop else end escape except exists explain",
        "fetch filter first following for foreign from full function grant group having if ilike in index inner",
        "insert intersect into is join key last lateral left like limit materialized merge natural not nulls of",
        "offset on or order outer over partition preceding primary procedure range recursive references replace",
        "returning revoke right rollback row rows select set table temporary then to transaction trigger truncate",
        "unbounded union unique update using values view when where window with",
      ),
    ),
    anyCase(
      words(
        "builtin",
        "array bigint binary blob boolean char character date datetime decimal double float int integer interval",
        "json jsonb numeric real serial smallint text time timestamp tinyint uuid varchar",
        "avg cast coalesce count max min round row_number sum",
      ),
    ),
    WORD,
  ],
  comment: COMMENT,
});

const css = simpleMode({
  start: [
    COMMENT_BEGINS,
    LINE_COMMENT,
    { regex: /@[\w-]+/, token: "keyword" },
    { regex: /\{/, push: "block" },
    { regex: /[.#][\w-]+|::?[\w-]+/, token: "def" },
    QUOTED,
    SINGLE_QUOTED,
    { regex: /[\w-]+/, token: "tag" },
  ],
  block: [
    COMMENT_BEGINS,
    { regex: /@[\w-]+/, token: "keyword" },
    { regex: /\{/, push: "block" },
    { regex: /\}/, pop: true },
    { regex: /[\w-]+(?=\s*:(?!:))(?![^;{}]*\{)/, token: "property" },
    QUOTED,
    SINGLE_QUOTED,
    { regex: /#[\da-f]{3,8}\b|[+-]?(?:\d+\.?\d*|\.\d+)(?:%|[a-z]+)?/i, token: "number" },
    { regex: /!important/, token: "keyword" },
    { regex: /[.#][\w-]+|::?[\w-]+(?=[^;]*\{)/, token: "def" },
    { regex: /[\w-]+(?=\()/, token: "builtin" },
    { regex: /[\w-]+/ },
  ],
  comment: COMMENT,
});

const cpp = simpleMode({
  start: [
    LINE_COMMENT,
    COMMENT_BEGINS,
    { regex: /\s*#\s*\w+/, sol: true, token: "meta" },
    { regex: /(?:u8|[uUL])?"(?:[^"\\]|\\.)*"?/, token: "string" },
    SINGLE_QUOTED,
    NUMBER,
    {
      regex: /(class|struct|enum|union|namespace|interface)(\s+)(\w+)/,
      token: /** @type {string[]} */ (["keyword", null, "def"]),
    },
    words(
      "keyword",
      "alignas alignof and asm auto break case catch class co_await co_return co_yield concept const consteval",
      "constexpr constinit const_cast continue decltype default delete do dynamic_cast else enum explicit export",
      "extern final for friend goto if inline mutable namespace new noexcept not operator or override private",
      "protected public register reinterpret_cast requires restrict return sizeof static static_assert static_cast",
      "struct switch template throw try typedef typeid typename union using virtual volatile while xor",
    ),
    words("atom", "true false nullptr NULL this"),
    words(
      "builtin",
      "bool char char8_t char16_t char32_t double float int long short signed size_t unsigned void wchar_t",
    ),
    { regex: /u?int(?:8|16|32|64)_t\b/, token: "builtin" },
    WORD,
  ],
  comment: COMMENT,
});

const markdown = simpleMode({
  start: [
    { regex: /(?:\x60{3,}|~{3,}).*/, sol: true, token: "meta", next: "code" },
    { regex: /#{1,6}(?:\s.*|$)/, sol: true, token: "heading" },
    { regex: /\s*(?:[-*+]|\d+[.)])(?=\s)/, sol: true, token: "keyword" },
    { regex: /\s*>.*/, sol: true, token: "comment" },
    { regex: /\x60[^\x60]*\x60?/, token: "string" },
    { regex: /!?\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?/, token: "link" },
    { regex: /<https?:[^>\s]*>|https?:\S+/, token: "link" },
    { regex: /\*\*[^*]+\*\*|__[^_]+__/, token: "strong" },
    { regex: /\*[^*\s][^*]*\*|\b_[^_\s][^_]*_\b/, token: "emphasis" },
    { regex: /\\./ },
    { regex: /[\p{L}\p{N}]+/u },
  ],
  code: [
    { regex: /(?:\x60{3,}|~{3,})\s*$/, sol: true, token: "meta", next: "start" },
    { regex: /.+/, token: "string" },
  ],
});

/** Each language with the names that a fence may use. @type {[Mode, string][]} */
const NAMES = [
  [python, "python py python3 ipython"],
  [r, "r rscript"],
  [julia, "julia jl"],
  [javascript, "javascript js jsx mjs cjs typescript ts tsx mts cts"],
  [shell, "bash sh shell zsh console"],
  [json, "json jsonc json5 jsonl"],
  [yaml, "yaml yml"],
  [sql, "sql mysql postgresql sqlite duckdb"],
  [html, "html xml svg"],
  [css, "css scss less"],
  [cpp, "c cpp c++ h hpp cuda"],
  [rust, "rust rs"],
  [markdown, "markdown md rmd qmd"],
  [diff, "diff patch"],
];

const MODES = new Map(
  NAMES.flatMap(([mode, names]) => names.split(" ").map((name) => /** @type {const} */ ([name, mode]))),
);

/**
 * Return the mode of a language, if it is known.
 *
 * @param {string} name of the language in a fence
 * @returns {Mode | undefined}
 */
export function modeOf(name) {
  return MODES.get(name.toLowerCase());
}

/**
 * Return a rule for whole words.
 *
 * @param {string} token
 * @param {string[]} lists
 * @returns {Rule}
 */
function words(token, ...lists) {
  return { regex: new RegExp(`(?:${lists.join(" ").replaceAll(" ", "|")})(?![\\w$])`), token };
}

/**
 * Return a rule that ignores case.
 *
 * @param {Rule} rule
 * @returns {Rule}
 */
function anyCase({ regex, token }) {
  return { regex: new RegExp(regex instanceof RegExp ? regex.source : "", "i"), token };
}
