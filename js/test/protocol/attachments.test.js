import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodedSize,
  encodedSize,
  formatSize,
  isImage,
  MAX_FILE_BYTES,
  mimeTypeOf,
} from "../../src/protocol/attachments.js";
import { MAX_TEXT_BYTES } from "../../src/protocol/messages.js";

test("the encoded size of a file is that of its base64", () => {
  for (const size of [0, 1, 2, 3, 4, 100, 1001]) {
    const data = Buffer.alloc(size).toString("base64");
    assert.equal(encodedSize(size), data.length);
    assert.equal(decodedSize({ name: "", mime: "", data }), size);
  }
});

test("the largest file just fits", () => {
  assert.equal(encodedSize(MAX_FILE_BYTES), MAX_TEXT_BYTES);
});

test("only image types that all browsers show, and that carry no scripts, count as images", () => {
  assert.equal(isImage("image/png"), true);
  assert.equal(isImage("image/svg+xml"), false);
  assert.equal(isImage("application/pdf"), false);
});

test("sizes follow the notation of the language", () => {
  const plain = (/** @type {string} */ text) => text.replace(/\s/g, " ");
  assert.equal(plain(formatSize(1, "en")), "1 kB");
  assert.equal(plain(formatSize(999_001, "en")), "1,000 kB");
  assert.equal(plain(formatSize(9_440_000, "en")), "9.44 MB");
  assert.equal(plain(formatSize(9_440_000, "es")), "9,44 MB");
});

/** @param {string} start */
const begin = (start) => Uint8Array.from(start, (char) => char.charCodeAt(0));

test("images, sounds and PDF are recognized by their content, not by their name", () => {
  for (const declared of ["image/png", "text/plain", "application/zip", ""]) {
    assert.equal(mimeTypeOf(begin("\x89PNG\r\n\x1a\n\0\0"), declared), "image/png");
    assert.equal(mimeTypeOf(begin("\xff\xd8\xff\xe0\0\0"), declared), "image/jpeg");
    assert.equal(mimeTypeOf(begin("GIF89a\0"), declared), "image/gif");
    assert.equal(mimeTypeOf(begin("RIFF\0\n\0\0WEBP"), declared), "image/webp");
    assert.equal(mimeTypeOf(begin("RIFF\0\n\0\0WAVE"), declared), "audio/wav");
    assert.equal(mimeTypeOf(begin("ID3\x04\0"), declared), "audio/mpeg");
    assert.equal(mimeTypeOf(begin("%PDF-1.7"), declared), "application/pdf");
  }
});

test("text in any encoding is sent to the kernel", () => {
  for (const text of [
    "a,b\n",
    "caf\xe9",
    "\xd0\xd5\xc3\xfb",
    "\xff\xfea\0\n\n",
    "a\0b\0",
    "\0a\0b",
    "<html>",
  ])
    assert.equal(mimeTypeOf(begin(text), "image/png"), "text/plain");
});

test("other files are refused, whatever their name", () => {
  for (const start of [
    "PK\xff\xfe",
    "MZ\x90\0\x03\0\0\0\0",
    "\x7fELF\x02\x01\x01\0\0\0",
    "\0\0\0\x18ftypmp42",
  ])
    for (const declared of ["text/plain", "image/png", ""])
      assert.equal(mimeTypeOf(begin(start), declared), null);
});
