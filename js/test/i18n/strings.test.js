import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { stringsFor, TABLES } from "../../src/i18n/strings.js";

const SOURCES = new URL("../../src/", import.meta.url);

/** Strings with capital letters or spaces that are not shown: names of keys, the `rel` of links, forms of Unicode. */
const KEYS = ["Escape", "Enter", "Tab", "Delete", "Backspace", "Home", "End"];
const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "F3"];
const UNSEEN = new Set([
  ...KEYS,
  ...ARROWS,
  "AltGraph",
  "Files",
  "Segmenter",
  "IPY_MODEL_",
  "noopener noreferrer nofollow",
  "NFC",
  "NFKD",
]);

test("every language has the same texts, of the same kind", () => {
  for (const [language, table] of Object.entries(TABLES)) {
    // The kernel has the English sentences for failures.
    const { notices, faults } = table;
    assert.deepEqual(shapeOf(table), shapeOf({ ...TABLES.en, notices, faults }), language);
    assert.equal(table.language, language);
  }
});

test("no text is empty, and each is written for its language", () => {
  const [english, spanish] = [textsOf(TABLES.en), textsOf(TABLES.es)];
  assert.ok([...english, ...spanish].every((text) => text.trim() !== ""));
  const same = english.filter((text) => spanish.includes(text));
  assert.deepEqual(same, []);
});

test("the language is chosen by its tag, and is English if there is no table", () => {
  for (const tag of ["es", "es-MX", "ES_es"]) assert.equal(stringsFor(tag).language, "es");
  for (const tag of ["en", "en-GB", "de", "", "__proto__", "toString"]) {
    assert.equal(stringsFor(tag).language, "en");
  }
});

test("no other module has visible texts", () => {
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: "utf8" })) {
    // The first three are the tables; the others have keywords of programming languages, names of services, and paths of icons.
    if (
      !name.endsWith(".js") ||
      [
        "i18n/en.js",
        "i18n/es.js",
        "i18n/view_missing.js",
        "code/languages.js",
        "header/server_presets.js",
        "dom/icons.js",
      ].includes(name)
    )
      continue;
    assert.deepEqual(visibleTexts(readFileSync(new URL(name, SOURCES), "utf8")), [], name);
  }
});

test("a visible text in another module would be found", () => {
  assert.deepEqual(visibleTexts('button("send", "Send it")'), ["Send it"]);
  assert.deepEqual(visibleTexts('element("p", { class: "chatwidget-a chatwidget-b" }, "Hello")'), ["Hello"]);
  assert.deepEqual(visibleTexts(`note.textContent = \`Wait \${n}\``), ["Wait "]);
});

/**
 * @param {string} source
 * @returns {string[]}
 */
function visibleTexts(source) {
  const code = source
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/console\.warn\(.*\)/g, "");
  const literals = [...code.matchAll(/"([^"\n]*)"|`([^`]*)`/g)].map(
    ([, plain, template]) => plain ?? template ?? "",
  );
  return literals
    .flatMap((literal) => literal.split(/\$\{[^}]*\}/))
    .filter((text) => /(^|\s)\p{Lu}|\p{L} +\p{L}/u.test(text))
    .filter(
      (text) => !UNSEEN.has(text) && !/^(<s(?:pan|up) class="|[a-z-]+( chatwidget-[a-z-]*)*)$/.test(text),
    );
}

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function shapeOf(value) {
  if (typeof value === "function") return `function of ${value.length}`;
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

/**
 * @param {unknown} value
 * @returns {string[]}
 */
function textsOf(value) {
  if (typeof value === "string") return [value];
  if (typeof value === "function") return [value("A", 2)];
  return Object.values(value ?? {}).flatMap(textsOf);
}
