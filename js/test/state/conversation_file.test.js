import assert from "node:assert/strict";
import { test } from "node:test";
import { withDefaults } from "../../src/protocol/messages.js";
import { toConversationFile } from "../../src/state/conversation_file.js";
import { wireCases } from "../support.js";

for (const { name, messages, file } of wireCases("conversations")) {
  test(`a conversation becomes a file that the kernel reads: ${name}`, () => {
    const written = JSON.parse(toConversationFile(messages.map(withDefaults)));
    // Times that are not known are left out of the fixture.
    for (const entry of written.messages) {
      if (entry.timings.duration === null) delete entry.timings;
    }
    assert.deepEqual(written, file);
  });
}
