import assert from "node:assert/strict";
import { test } from "node:test";
import { BranchSwitch } from "../../src/view/branch_switch.js";
import { message } from "../support.js";

/** @param {string} id @param {number} index */
const version = (id, index) => message(id, { branch: { index, count: 3 } });

test("without a switch there is nothing to focus", () => {
  assert.equal(new BranchSwitch().finish([version("a", 0)]), null);
});

test("the focus follows once the version is shown in the same position, and only once", () => {
  const branchSwitch = new BranchSwitch();
  branchSwitch.begin(1, 2, 1);
  assert.equal(branchSwitch.finish([version("q", 2), version("a1", 1)]), null, "the old version is shown");
  assert.equal(branchSwitch.finish([]), null, "the conversation is shorter");
  const shown = [version("q", 0), version("a2", 2)];
  assert.deepEqual(branchSwitch.finish(shown), { id: "a2", step: 1 });
  assert.equal(branchSwitch.finish(shown), null);
});

test("a second switch replaces the first", () => {
  const branchSwitch = new BranchSwitch();
  branchSwitch.begin(0, 1, 1);
  branchSwitch.begin(0, 0, -1);
  assert.equal(branchSwitch.finish([version("a1", 1)]), null);
  assert.deepEqual(branchSwitch.finish([version("a0", 0)]), { id: "a0", step: -1 });
});
