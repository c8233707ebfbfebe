/** A view without a page: the real store, sync, outbox and delivery, at the end of two pipes. A line is a message. */

import { createInterface } from "node:readline";
import { Delivery } from "../../js/src/kernel/delivery.js";
import { Sync } from "../../js/src/kernel/sync.js";
import { Outbox } from "../../js/src/kernel/outbox.js";
import { emptySnapshot, Store } from "../../js/src/state/store.js";

const store = new Store(emptySnapshot());
const { signal } = new AbortController();
const say = (kind, value) => process.stdout.write(`${JSON.stringify({ [kind]: value })}\n`);
const send = (command) => {
  say("command", command);
  return true;
};
const delivery = new Delivery(store, { send, signal });
const outbox = new Outbox(store, { delivery, signal });
const sync = new Sync(store, { send, isVisible: () => true, signal });

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { submit, edit, command, kernel, report } = JSON.parse(line);
    if (submit) outbox.submit(submit);
    if (edit) outbox.edit(...edit);
    if (command) delivery.put(command, () => say("done", command));
    const { outOfSync, snapshot } = store;
    if (report) say("report", { ...snapshot, unsent: outbox.entries, outOfSync });
    if (!kernel) return;
    delivery.noteAnswer();
    if (!delivery.receive(kernel)) sync.receive(kernel);
  })
  .on("close", () => process.exit());
sync.start();
