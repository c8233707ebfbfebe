/** The state that a notebook saves with a conversation, and its reading without a kernel. */

import { isSnapshot } from "../protocol/messages.js";

/** @import { SparseSnapshot } from "../protocol/messages.js" */
/** @import { Store } from "./store.js" */

/**
 * Return the value for the widget's model. It is computed when the notebook is saved, as JSON without `<`, because
 * nbconvert puts it into a script, and without the address of the server.
 *
 * @param {Store} store
 */
export function toSavedState(store) {
  return {
    get json() {
      const { state, ...rest } = store.snapshot;
      const connection = { ...state.connection, base_url: null, key: null };
      const kept = { ...rest, state: { ...state, connection, models: null, servers: null } };
      return JSON.stringify(kept).replaceAll("<", "\\u003c");
    },
  };
}

/**
 * Return the snapshot in a saved value.
 *
 * @param {unknown} value of the widget's model
 * @returns {SparseSnapshot | null} null if the value comes from a kernel
 */
export function fromSavedState(value) {
  const json = /** @type {{ json?: unknown } | null | undefined} */ (value)?.json;
  if (typeof json !== "string") return null;
  const snapshot = parsed(json);
  return isSnapshot(snapshot) ? snapshot : null;
}

/** @param {string} json */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
