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

test("each preview is answered by its own answer, and a lost one no longer awaited", async () => {
  const { queries, receive } = create();
  /** @type {string[]} */
  const lost = [];
  void queries.preview("lost", false).then(({ text }) => lost.push(text));
  const [first, last] = [queries.preview("first", false), queries.preview("second", true)];
  const [lostId = "", firstId = "", lastId = ""] = previewIds();
  for (const id of [firstId, lostId, "another", lastId])
    receive({ type: "preview", id, names: [], mistakes: [], text: `text of ${id}` });
  assert.equal((await first).text, `text of ${firstId}`);
  assert.equal((await last).text, `text of ${lastId}`);
  assert.deepEqual(lost, []);
});

test("answers about the notebook are recognized by their shape", () => {
  assert.ok(isQueryAnswer({ type: "names", names: [{ name: "a", kind: "b" }] }));
  const mistakes = [{ written: "@dff", nearest: "@df", is_name: true }];
  assert.ok(isQueryAnswer({ type: "preview", id: "p", names: [], mistakes, text: "" }));
  assert.ok(!isQueryAnswer({ type: "preview", id: "p", names: [], mistakes: ["@dff"], text: "" }));
  assert.ok(!isQueryAnswer({ type: "names", names: [{ name: 1, kind: "b" }] }));
  assert.ok(!isQueryAnswer({ type: "preview", id: "p", names: [], mistakes }));
});
