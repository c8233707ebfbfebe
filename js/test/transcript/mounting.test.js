import assert from "node:assert/strict";
import { test } from "node:test";
import { Mounting } from "../../src/transcript/mounting.js";
import { message } from "../support.js";

const HEIGHT = 100;
const SCREEN = 500;

/**
 * Create a page of messages of equal height, with the reader at its end.
 *
 * @param {import("node:test").TestContext} t
 * @param {number} count
 */
function page(t, count) {
  const ending = new AbortController();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** Elements that know where they are, as far as that is asked. @type {(index: number) => any} */
  const elementAt = (index) => ({ element: { index } });
  const scroller = { clientHeight: SCREEN, scrollTop: count * HEIGHT - SCREEN };
  const list = { clientWidth: 300, index: 0 };
  /** @type {unknown[]} */
  const held = [];
  const reader = { following: true, updates: 0, held, settled: 0, forgotten: 0 };
  const virtualList = {
    start: 0,
    end: 0,
    messages: Array.from({ length: count }, (_, index) => message(`m${index}`)),
    mounted: [],
    height: () => HEIGHT,
    sum: (/** @type {number} */ from, /** @type {number} */ to) => (to - from) * HEIGHT,
    at: (/** @type {number} */ index) =>
      index >= virtualList.start && index < virtualList.end ? elementAt(index) : undefined,
    jump(/** @type {number} */ index) {
      virtualList.start = virtualList.end = index;
    },
    mountPrevious: () => void virtualList.start--,
    mountNext: () => void virtualList.end++,
    trim(/** @type {number} */ from, /** @type {number} */ to) {
      virtualList.start = Math.max(virtualList.start, from);
      virtualList.end = Math.min(virtualList.end, to);
    },
    arrange: () => true,
    forgetHeights: () => void reader.forgotten++,
    measured: () => {},
    touch: () => {},
    relist: () => {},
    makeRoom: () => false,
    clearRoom: () => {},
  };
  const scrollAnchor = {
    get following() {
      return reader.following;
    },
    positionOf: (/** @type {any} */ { index }) => index * HEIGHT,
    leaveFor(/** @type {number} */ position) {
      reader.following = false;
      scroller.scrollTop = position;
    },
    holdTo: (/** @type {unknown} */ anchor) => void reader.held.push(anchor),
    settle: () => void reader.settled++,
  };
  const mounting = new Mounting({
    scroller: /** @type {any} */ (scroller),
    list: /** @type {any} */ (list),
    virtualList,
    scrollAnchor,
    onUpdate: () => void reader.updates++,
    signal: ending.signal,
  });
  /** Let time pass; a busy machine may need several turns. */
  const rest = () => {
    for (let turn = 0; turn < 9; turn++) t.mock.timers.tick(1);
  };
  return { mounting, rest, scroller, list, reader, run: () => [virtualList.start, virtualList.end], ending };
}

test("at the end, messages in sight are mounted first, and those before them soon after", (t) => {
  const { mounting, rest, run, reader } = page(t, 1000);
  mounting.update();
  assert.deepEqual(run(), [995, 1000]);
  rest();
  assert.deepEqual(run(), [975, 1000]);
  assert.ok(reader.updates > 1);
});

test("a short conversation is mounted as a whole", (t) => {
  const { mounting, rest, run } = page(t, 3);
  mounting.update();
  rest();
  assert.deepEqual(run(), [0, 3]);
});

test("an empty conversation has nothing in sight", (t) => {
  const { mounting, run } = page(t, 0);
  mounting.update();
  assert.deepEqual(run(), [0, 0]);
});

test("after a long scroll, the messages in sight replace the others, and the first keeps its position", (t) => {
  const { mounting, rest, run, scroller, reader } = page(t, 1000);
  mounting.update();
  reader.following = false;
  reader.held.length = 0;
  scroller.scrollTop = 30_050;
  assert.deepEqual(mounting.sight(), { first: 300, last: 305, at: 30_000 });
  mounting.update();
  assert.deepEqual(run(), [300, 306]);
  assert.deepEqual(reader.held, [{ element: { index: 300 }, at: 30_000 }]);
  rest();
  assert.deepEqual(run(), [280, 326]);
});

test("a few more messages stay mounted than would be mounted, so that scrolling back and forth mounts nothing", (t) => {
  const { mounting, rest, run, scroller, reader } = page(t, 1000);
  reader.following = false;
  scroller.scrollTop = 30_050;
  mounting.update();
  rest();
  scroller.scrollTop += 3 * HEIGHT;
  mounting.update();
  assert.deepEqual(run(), [280, 329]);
  scroller.scrollTop += 10 * HEIGHT;
  mounting.update();
  assert.deepEqual(run(), [287, 339]);
});

test("a hidden page mounts nothing unless the reader is at the end", (t) => {
  const { mounting, run, scroller, reader } = page(t, 1000);
  reader.following = false;
  scroller.clientHeight = 0;
  mounting.update();
  assert.deepEqual([run(), reader.updates], [[0, 0], 0]);
  reader.following = true;
  mounting.update();
  assert.deepEqual(run(), [994, 1000]);
});

test("all messages are mounted for printing, and only some afterwards", (t) => {
  const { mounting, rest, run } = page(t, 1000);
  mounting.update();
  mounting.print(true);
  assert.deepEqual(run(), [0, 1000]);
  mounting.update();
  assert.deepEqual(run(), [0, 1000]);
  mounting.print(false);
  rest();
  assert.deepEqual(run(), [969, 1000]);
});

test("a message before those in sight can be reached", (t) => {
  const { mounting, run } = page(t, 1000);
  mounting.update();
  mounting.reach(980);
  assert.deepEqual(run(), [980, 1000]);
});

test("a new width makes the heights unknown, a new height does not", (t) => {
  const { mounting, list, reader, scroller } = page(t, 10);
  mounting.resized([]);
  mounting.resized([]);
  list.clientWidth = 200;
  mounting.resized([]);
  assert.equal(reader.forgotten, 2);
  scroller.clientHeight = list.clientWidth = 0;
  mounting.resized([]);
  assert.deepEqual([reader.forgotten, reader.settled], [2, 4]);
});

test("if messages are smaller than estimated, more are mounted soon", (t) => {
  const { mounting, rest, run, scroller } = page(t, 1000);
  mounting.update();
  rest();
  scroller.clientHeight = 2 * SCREEN;
  mounting.resized([]);
  assert.deepEqual(run(), [975, 1000]);
  rest();
  assert.deepEqual(run(), [970, 1000]);
});

test("nothing is mounted once the view has ended", (t) => {
  const { mounting, rest, run, ending } = page(t, 1000);
  mounting.update();
  ending.abort();
  rest();
  assert.deepEqual(run(), [995, 1000]);
});

test("a message far away is mounted and scrolled to, and one that is mounted is only scrolled to", (t) => {
  const { mounting, rest, run, scroller } = page(t, 1000);
  mounting.update();
  assert.deepEqual(mounting.show(500), { index: 500 });
  assert.equal(scroller.scrollTop, 50_000);
  rest();
  assert.deepEqual(run(), [480, 525]);
  assert.deepEqual(mounting.show(490), { index: 490 });
  assert.equal(scroller.scrollTop, 49_000);
  assert.ok((run()[0] ?? 0) <= 490 && (run()[1] ?? 0) >= 496);
});

test("before a message far away, a screen of others is mounted at once", (t) => {
  const { mounting, run } = page(t, 1000);
  mounting.update();
  mounting.show(500);
  assert.ok((run()[0] ?? 500) <= 495);
});

test("a message that does not exist is not scrolled to", (t) => {
  const { mounting, scroller } = page(t, 3);
  mounting.update();
  const before = scroller.scrollTop;
  assert.equal(mounting.show(7), undefined);
  assert.equal(scroller.scrollTop, before);
});
