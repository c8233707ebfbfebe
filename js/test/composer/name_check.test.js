import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createAskNames, NameCheck } from "../../src/composer/name_check.js";
import { stringsFor } from "../../src/i18n/strings.js";

/** @import { Mistake, PreviewMessage } from "../../src/protocol/messages.js" */

const strings = stringsFor("en");
const { signal } = new AbortController();

/** Create the question to a kernel that finds these mistakes. @param {Mistake[]} mistakes */
function asking(...mistakes) {
  /** @type {(text: string, whole: boolean) => Promise<PreviewMessage>} */
  const preview = async () => ({ type: "preview", id: "p", names: [], mistakes, text: "" });
  return createAskNames({ strings, preview, signal });
}

test("a text without names is not asked about, unless a context goes along", async () => {
  const ask = asking({ written: "df", nearest: null, is_name: true });
  assert.equal(ask("What is 1 + 1?"), null);
  assert.equal(
    await ask("What is 1 + 1?", true),
    "There is no variable for df. Send again to leave the text as it is.",
  );
});

test("mistakes are explained with what may be meant", async () => {
  const ask = asking(
    { written: "{dff}", nearest: "{df}", is_name: true },
    { written: "{df.head()}", nearest: "{df}", is_name: false },
  );
  assert.equal(
    await ask("{dff} {df.head()}"),
    "There is no variable for {dff}. Did you mean {df}? {df.head()} brings no value: only names do, not expressions. Did you mean {df}? Send again to leave the text as it is.",
  );
  assert.equal(await asking()("@df"), "");
});

test("a kernel that does not answer is not waited for", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const answer = createAskNames({ strings, preview: () => new Promise(() => {}), signal })("@df");
  mock.timers.tick(1000);
  assert.equal(await answer, "");
  mock.timers.reset();
});

test("a problem is told once for each message", async () => {
  /** @type {string[]} */
  const asked = [];
  let ends = 0;
  const check = new NameCheck({
    ask(text) {
      asked.push(text);
      return text === "fine" ? null : Promise.resolve("no such name");
    },
    onEnd() {
      ends += 1;
    },
  });
  check.begin("fine");
  assert.deepEqual([check.isPending, check.takeProblem()], [false, ""]);
  for (const round of [1, 2]) {
    check.begin("@dff");
    check.begin("@dff");
    assert.ok(check.isPending);
    await Promise.resolve();
    assert.deepEqual([check.isPending, ends], [false, round]);
    assert.equal(check.takeProblem(), "no such name");
    check.begin("@dff");
    assert.deepEqual([check.isPending, check.takeProblem()], [false, ""]);
  }
  assert.deepEqual(asked, ["fine", "@dff", "@dff"]);
});

test("a text that is written again is checked again", async () => {
  const check = new NameCheck({ ask: () => Promise.resolve("no such name"), onEnd() {} });
  check.begin("@dff");
  check.forget();
  assert.ok(check.isPending);
  await Promise.resolve();
  assert.equal(check.takeProblem(), "no such name");
  check.forget();
  check.begin("@dff");
  await Promise.resolve();
  assert.equal(check.takeProblem(), "no such name");
});

test("an answer about an earlier text does not count", async () => {
  /** @type {((problem: string) => void)[]} */
  const answers = [];
  const check = new NameCheck({ ask: () => new Promise((resolve) => answers.push(resolve)), onEnd() {} });
  check.begin("@a");
  check.begin("@b");
  answers[0]?.("no a");
  await Promise.resolve();
  assert.ok(check.isPending);
  answers[1]?.("no b");
  await Promise.resolve();
  assert.deepEqual([check.isPending, check.takeProblem()], [false, "no b"]);
});
