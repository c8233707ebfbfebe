import assert from "node:assert/strict";
import { test } from "node:test";
import { decodedSize, encodedSize, isImage, MAX_FILE_BYTES, sizeText } from "../src/files.js";
import { MAX_TEXT_BYTES } from "../src/protocol.js";

test("the size of a file as it travels is that of its base64", () => {
  for (const size of [0, 1, 2, 3, 4, 100, 1001]) {
    const data = Buffer.alloc(size).toString("base64");
    assert.equal(encodedSize(size), data.length);
    assert.equal(decodedSize({ name: "", mime: "", data }), size);
  }
});

test("the largest file just fits", () => {
  assert.equal(encodedSize(MAX_FILE_BYTES), MAX_TEXT_BYTES);
});

test("only pictures that all browsers show, and that carry no script, count as images", () => {
  assert.equal(isImage("image/png"), true);
  assert.equal(isImage("image/svg+xml"), false);
  assert.equal(isImage("application/pdf"), false);
});

test("sizes are written for their language", () => {
  const plain = (/** @type {string} */ text) => text.replace(/\s/g, " ");
  assert.equal(plain(sizeText(1, "en")), "1 kB");
  assert.equal(plain(sizeText(999_001, "en")), "1,000 kB");
  assert.equal(plain(sizeText(9_440_000, "en")), "9.44 MB");
  assert.equal(plain(sizeText(9_440_000, "es")), "9,44 MB");
});
