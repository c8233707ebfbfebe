import assert from "node:assert/strict";
import { test } from "node:test";
import { isUnencrypted, PRESETS } from "../../src/header/server_presets.js";

test("a key is safe with TLS, and on this computer", () => {
  for (const url of [
    "https://api.example.com/v1",
    "http://localhost:11434/v1",
    "http://127.0.0.1:1234/v1",
    "http://127.1.2.3/v1",
    "http://[::1]:8080/v1",
    "",
    "not an address",
  ])
    assert.ok(!isUnencrypted(url), url);
});

test("a key can be read on its way to any other host", () => {
  for (const url of [
    "http://example.com/v1",
    "http://192.168.0.2:11434/v1",
    "http://localhost.example.com/v1",
    "http://127.0.0.1.example.com/v1",
    "HTTP://EXAMPLE.COM",
  ])
    assert.ok(isUnencrypted(url), url);
});

test("every preset is a safe address without a trailing slash, which would hide that it is selected", () => {
  for (const { name, base_url } of PRESETS) {
    assert.ok(URL.canParse(base_url) && !base_url.endsWith("/"), name);
    assert.ok(!isUnencrypted(base_url), name);
  }
});

test("a service that needs a key has a page where keys are created", () => {
  for (const { name, needsKey, keys } of PRESETS) {
    assert.equal(keys !== undefined, needsKey, name);
    assert.ok(!keys || new URL(keys).protocol === "https:", name);
  }
});
