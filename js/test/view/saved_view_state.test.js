import assert from "node:assert/strict";
import { test } from "node:test";
import { savedViewState } from "../../src/view/saved_view_state.js";

const UNCHANGED = { draft: { text: "", attached: [] }, edited: "", height: null };

test("nothing is saved of a view that the user left unchanged", () => {
  assert.equal(savedViewState(UNCHANGED), null);
});

test("a draft, its attachments, an edit and the height are each worth saving", () => {
  const pasted = { name: "log", text: "…" };
  for (const change of [
    { draft: { text: "Why?", attached: [] } },
    { draft: { text: "", attached: [pasted] } },
    { edited: "Why not?" },
    { height: 300 },
  ]) {
    const state = { ...UNCHANGED, ...change };
    assert.deepEqual(savedViewState(state), state);
  }
});
