import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { createNotebookQueries } from "../../src/kernel/notebook_queries.js";
import { isCommand, isQueryAnswer } from "../../src/protocol/messages.js";

/** @import { Command } from "../../src/protocol/messages.js" */

const FRAME = { name: "df", kind: "Frame" };

/** @type {Command[]} */
let sent;

beforeEach(() => {
  sent = [];
});

const create = () => createNotebookQueries({ send: (command) => void sent.push(command) });

const previewIds = () => sent.flatMap((command) => (command.type === "preview" ? [command.id] : []));

test("every query is a command that the kernel accepts", () => {
  const { queries } = create();
  void queries.names();
  void queries.preview("a", true);
  assert.ok(sent.every(isCommand));
  assert.deepEqual(
    sent.map(({ type }) => type),
    ["complete", "preview"],
  );
});

test("one list of names answers all open queries, and no later one", async () => {
  const { queries, receive } = create();
  const open = Promise.all([queries.names(), queries.names()]);
  receive({ type: "names", names: [FRAME] });
  assert.deepEqual(await open, [[FRAME], [FRAME]]);
  const later = queries.names();
  receive({ type: "names", names: [] });
  assert.deepEqual(await later, []);
});

test("only the last preview is answered, and only by its own answer", async () => {
  const { queries, receive } = create();
  /** @type {string[]} */
  const outdated = [];
  void queries.preview("first", false).then(({ text }) => outdated.push(text));
  const last = queries.preview("second", true);
  const [firstId = "", lastId = ""] = previewIds();
  for (const id of [firstId, "another", lastId])
    receive({ type: "preview", id, names: [], text: `text of ${id}` });
  assert.equal((await last).text, `text of ${lastId}`);
  assert.deepEqual(outdated, []);
});

test("answers about the notebook are recognized by their shape", () => {
  assert.ok(isQueryAnswer({ type: "names", names: [{ name: "a", kind: "b" }] }));
  assert.ok(isQueryAnswer({ type: "preview", id: "p", names: [], text: "" }));
  assert.ok(!isQueryAnswer({ type: "names", names: [{ name: 1, kind: "b" }] }));
  assert.ok(!isQueryAnswer({ type: "preview", id: "p", names: [] }));
});
