import assert from "node:assert/strict";
import { test } from "node:test";
import { isForHost } from "../../src/view/host_shortcuts.js";

/** @typedef {Partial<Record<"altGraph" | "isComposing" | "onMac", boolean>> & { key?: string }} Options */

/**
 * @param {string} chord such as "Control+Shift+C"
 * @param {Options} [options]
 */
function isPassed(chord, { altGraph = false, onMac = false, isComposing = false, key } = {}) {
  const modifiers = chord.split("+");
  const pressed = modifiers.pop() ?? "";
  const event = /** @type {KeyboardEvent} */ ({
    key: key ?? pressed,
    keyCode: pressed.length === 1 ? pressed.charCodeAt(0) : 0,
    altKey: modifiers.includes("Alt"),
    ctrlKey: modifiers.includes("Control"),
    metaKey: modifiers.includes("Meta"),
    shiftKey: modifiers.includes("Shift"),
    isComposing,
    getModifierState: (/** @type {string} */ name) => name === "AltGraph" && altGraph,
  });
  return isForHost(event, onMac);
}

const HOSTS = [
  "Control+S",
  "Control+B",
  "Control+Shift+C",
  "Control+Shift+X",
  "Control+Shift+[",
  "Alt+W",
  "F9",
];
const HOSTS_ON_MAC = [
  "Meta+S",
  "Meta+B",
  "Meta+Shift+C",
  "Control+Shift+[",
  "Meta+Alt+A",
  "F9",
  "Control+F2",
];
const TEXT = [
  "D",
  "M",
  "1",
  " ",
  "Shift+M",
  "Enter",
  "Shift+Enter",
  "Tab",
  "Escape",
  "ArrowUp",
  "Shift+Home",
];
const EDITING = [
  "Control+A",
  "Control+C",
  "Control+V",
  "Control+X",
  "Control+Z",
  "Control+Y",
  "Control+Shift+Z",
];
const MOVING = ["Control+Enter", "Alt+Enter", "Control+ArrowLeft", "Control+Backspace", "Control+Shift+End"];
const EDITING_ON_MAC = [
  "Meta+A",
  "Meta+C",
  "Meta+V",
  "Meta+Shift+Z",
  "Meta+ArrowLeft",
  "Meta+Enter",
  "Alt+ArrowUp",
];

test("chords that edit no text are the host's", () => {
  for (const chord of HOSTS) assert.equal(isPassed(chord), true, chord);
  for (const chord of HOSTS_ON_MAC) assert.equal(isPassed(chord, { onMac: true }), true, chord);
});

test("what types or edits stays in the chat", () => {
  for (const chord of [...TEXT, ...EDITING, ...MOVING]) assert.equal(isPassed(chord), false, chord);
  for (const chord of [...TEXT, ...EDITING_ON_MAC])
    assert.equal(isPassed(chord, { onMac: true }), false, chord);
});

test("a modifier alone stays in the chat, or JupyterLab would prevent the line break or undo that follows", () => {
  for (const key of ["Shift", "Control", "Alt", "Meta"]) {
    assert.equal(isPassed(key), false, key);
    assert.equal(isPassed(`Control+${key}`), false, key);
  }
});

test("modifiers that type are no chords", () => {
  assert.equal(isPassed("Control+Alt+Q", { key: "@", altGraph: true }), false);
  assert.equal(isPassed("Alt+L", { key: "@", onMac: true }), false);
  assert.equal(isPassed("Control+S", { isComposing: true }), false);
});

test("on macOS Ctrl and a letter moves the caret", () => {
  for (const chord of ["Control+A", "Control+E", "Control+K"]) {
    assert.equal(isPassed(chord, { onMac: true }), false, chord);
  }
});

test("letters count by their position, so chords work on every keyboard", () => {
  assert.equal(isPassed("Control+A", { key: "ф" }), false);
  assert.equal(isPassed("Control+S", { key: "ы" }), true);
});

test("events without keys, as password managers send them, stay", () => {
  assert.equal(isForHost(/** @type {any} */ (new Event("keydown")), false), false);
});
