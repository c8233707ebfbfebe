import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOf, isDeceptive, isImageData, isLink } from "../../src/text/urls.js";

for (const link of ["https://a.org", "HTTP://a.org/x?y#z", "mailto:a@b.org", "https://ü.de/ß"]) {
  test(`${link} may be a link`, () => assert.ok(isLink(link)));
}

for (const link of [
  "",
  "a.org",
  "//a.org",
  "/x",
  "https:/a.org",
  "https:a.org",
  "https://",
  "https://a b",
  'https://a"b',
  "javascript:alert(1)",
  "data:text/html,x",
  "file:///etc",
  " https://a.org",
]) {
  test(`${JSON.stringify(link)} may not`, () => assert.ok(!isLink(link)));
}

test("only images of formats without scripts are image data", () => {
  assert.ok(isImageData("data:image/png;base64,iVBO+/8="));
  for (const url of [
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:image/png,x",
    "data:text/html;base64,PA==",
  ]) {
    assert.ok(!isImageData(url), url);
  }
});

test("the host of a link has its port; that of a mailto link is its recipient", () => {
  assert.equal(hostOf("https://user@A.org:8080/x"), "a.org:8080");
  assert.equal(hostOf("mailto:a@b.org"), "a@b.org");
});

test("a text is deceptive if it reads like the address of another host", () => {
  for (const text of [
    "bank.com",
    "https://bank.com/login",
    "//www.bank.com",
    "evil.org.bank.com",
    "evil.organic",
  ]) {
    assert.ok(isDeceptive(text, "evil.org"), text);
  }
  for (const text of [
    "evil.org",
    "https://www.evil.org/x",
    "Evil.org:443",
    "my bank",
    "bank",
    "see bank.com",
  ]) {
    assert.ok(!isDeceptive(text, "www.evil.org"), text);
  }
});
