import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOf, hasFiles, pastedFiles } from "../../src/composer/data_transfer.js";

const FILE = new File(["a"], "a.txt");

const item = (/** @type {string} */ name, isDirectory = false) => ({
  kind: "file",
  getAsFile: () => (name === FILE.name ? FILE : null),
  webkitGetAsEntry: () => ({ name, isDirectory }),
});
const TEXT = { kind: "string", getAsFile: () => null, webkitGetAsEntry: () => null };

/** @param {{ kind: string }[]} items @param {string} [text] @returns {any} */
const transfer = (items, text = "") => ({
  items,
  types: items.map(({ kind }) => (kind === "file" ? "Files" : "text/plain")),
  getData: (/** @type {string} */ type) => (type === "text/plain" ? text : ""),
});

test("files and folders are told apart, and text is neither", () => {
  assert.deepEqual(filesOf(transfer([item("a.txt"), item("folder", true), TEXT])), {
    files: [FILE],
    folders: ["folder"],
  });
  assert.deepEqual(filesOf(null), { files: [], folders: [] });
});

test("a paste with text is text, even if a picture of it comes along", () => {
  assert.deepEqual(pastedFiles(transfer([item("a.txt")])), { files: [FILE], folders: [] });
  assert.deepEqual(pastedFiles(transfer([item("a.txt"), TEXT], "1\t2")), { files: [], folders: [] });
});

test("a drag shows whether it has files before they can be read", () => {
  assert.ok(hasFiles(transfer([item("a.txt")])));
  assert.ok(!hasFiles(transfer([TEXT])));
  assert.ok(!hasFiles(null));
});
