import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../../src/i18n/en.js";
import { bodyOf, partContent, plainText } from "../../src/state/message_content.js";

/** @param {string} text */
const textPart = (text) => ({ type: "text", text });
const file = textPart("data.csv:\n```\na,b\n```");
const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };

test("the text of a message is separated from its parts", () => {
  assert.deepEqual(bodyOf("data.csv:\n```\na\n```"), { text: "data.csv:\n```\na\n```", parts: [] });
  assert.deepEqual(bodyOf([textPart("Hi"), image, textPart("there"), file]), {
    text: "Hi\nthere",
    parts: [image, file],
  });
  assert.deepEqual(bodyOf([file]), { text: "", parts: [file] });
  assert.deepEqual(bodyOf([{ type: "refusal", refusal: "No" }]), { text: "No", parts: [] });
});

test("parts have a name and a size", () => {
  assert.deepEqual(partContent(file), { kind: "text", name: "data.csv", text: "a,b" });
  const fenced = textPart("a.md:\n````\n```\nx\n```\n````");
  assert.deepEqual(partContent(fenced), { kind: "text", name: "a.md", text: "```\nx\n```" });
  assert.deepEqual(partContent(image), { kind: "image", url: image.image_url.url, name: "" });
  const data = "data:application/pdf;base64,AAAAAA==";
  const pdf = { type: "file", file: { filename: "a.pdf", file_data: data } };
  assert.deepEqual(partContent(pdf), { kind: "file", name: "a.pdf", size: 4 });
  const sound = { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } };
  assert.deepEqual(partContent(sound), { kind: "sound", name: "wav", size: 3 });
});

test("parts of no known shape do no harm", () => {
  assert.deepEqual(partContent({ type: "image_url" }), { kind: "image", url: "", name: "" });
  assert.deepEqual(partContent({ type: "image_url", image_url: null }), { kind: "image", url: "", name: "" });
  assert.deepEqual(partContent({ type: "file", file: [1] }), { kind: "file", name: "", size: null });
  assert.deepEqual(partContent({ type: "video" }), { kind: "other", name: "video" });
});

test("an image in a text is named when the text is copied or read out", () => {
  assert.deepEqual(partContent({ ...image, alt: "a.png" }), {
    kind: "image",
    url: image.image_url.url,
    name: "a.png",
  });
  const text = `See ![Figure: a](${image.image_url.url})!`;
  assert.equal(plainText(text, en), "See [Figure: a]!");
  assert.equal(plainText([{ type: "text", text }, image], en), "See [Figure: a]!\n[image]");
});
