/** What the tests share. */

import { readFileSync } from "node:fs";
import { emptySnapshot } from "../src/state/store.js";

/** @import { Snapshot, ViewMessage } from "../src/protocol/messages.js" */

/**
 * Cases that pytest reads, too.
 *
 * @param {"patches" | "commands"} name
 * @returns {any[]}
 */
export function wireCases(name) {
  return JSON.parse(readFileSync(new URL(`../../tests/wire/${name}.json`, import.meta.url), "utf8"));
}

/** @param {string} name */
const cases = (name) =>
  JSON.parse(readFileSync(new URL(`../../tests/cases/${name}.json`, import.meta.url), "utf8"));

/**
 * Markdown beyond CommonMark and GFM, and its HTML without spaces between blocks: pytest reads these cases, too.
 *
 * @type {Record<string, [string, string][]>}
 */
export const MARKDOWN = cases("markdown");

/** Texts, and the formulas in them. @type {[string, string[]][]} */
export const FORMULAS = cases("formulas");

/**
 * @param {string} id
 * @param {Partial<ViewMessage>} [values]
 * @returns {ViewMessage}
 */
export function message(id, values = {}) {
  return {
    id,
    role: "assistant",
    content: "",
    reasoning: "",
    refusal: "",
    tool_calls: [],
    status: "streaming",
    finish_reason: null,
    usage: null,
    model: null,
    error: null,
    error_code: null,
    timings: { first_token: null, duration: null },
    branch: { index: 0, count: 1 },
    ...values,
  };
}

/**
 * @param {ViewMessage[]} [messages]
 * @param {number} [rev]
 * @returns {Snapshot}
 */
export function snapshot(messages = [], rev = 0) {
  const connection = { kind: /** @type {const} */ ("demo"), model: "demo", base_url: null, key: null };
  const { state } = emptySnapshot();
  return {
    version: 1,
    rev,
    channel: "chatwidget-test",
    messages,
    state: { ...state, status: "ready", connection },
  };
}

/**
 * @param {number} rev
 * @param {unknown[]} ops
 */
export const patch = (rev, ...ops) => ({ type: "patch", rev, ops });

/**
 * @param {string} id
 * @param {number} offset
 * @param {string} text
 */
export const append = (id, offset, text) => ({ op: "text", id, field: "content", offset, text });

/**
 * Numbers between 0 and 1 that are the same in every run.
 *
 * @param {number} seed
 */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Milliseconds of the processor so far: a busy machine makes others wait, but does not make them work. */
export const busy = () => process.cpuUsage().user / 1000;
