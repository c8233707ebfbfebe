/** Helpers for all tests. */

import { readFileSync } from "node:fs";
import { emptySnapshot } from "../src/state/store.js";

/** @import { Snapshot, ViewMessage } from "../src/protocol/messages.js" */

/**
 * Read cases that pytest reads as well.
 *
 * @param {"patches" | "commands" | "conversations"} name
 * @returns {any[]}
 */
export function wireCases(name) {
  return JSON.parse(readFileSync(new URL(`../../tests/wire/${name}.json`, import.meta.url), "utf8"));
}

/** @param {string} name */
const cases = (name) =>
  JSON.parse(readFileSync(new URL(`../../tests/cases/${name}.json`, import.meta.url), "utf8"));

/**
 * Markdown beyond CommonMark and GFM, with its HTML without spaces between blocks. pytest reads these cases as well.
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
 * Return a function that returns numbers between 0 and 1, the same in every run.
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

/** Return the processor time so far in milliseconds, which other processes do not affect. */
export const busy = () => process.cpuUsage().user / 1000;
