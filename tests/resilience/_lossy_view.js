/** A view without a page: the real store, link and outbox, at the end of two pipes. A line is a message. */

import { createInterface } from "node:readline";
import { Link } from "../../js/src/link.js";
import { Outbox } from "../../js/src/outbox.js";
import { emptySnapshot, Store } from "../../js/src/store.js";

const store = new Store(emptySnapshot());
const { signal } = new AbortController();
const say = (kind, value) => process.stdout.write(`${JSON.stringify({ [kind]: value })}\n`);
const send = (command) => {
  say("command", command);
  return true;
};
const outbox = new Outbox(store, { send, signal });
const link = new Link(store, { send, isVisible: () => true, signal });

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { submit, kernel, report } = JSON.parse(line);
    if (submit) outbox.submit(submit);
    if (report) say("report", { ...store.snapshot, unsent: outbox.entries.length, outOfSync: store.outOfSync });
    if (!kernel) return;
    outbox.heard();
    link.receive(kernel);
  })
  .on("close", () => process.exit());
link.start();
