/** The state that a view saves for the one that replaces it. */

/** @import { Draft } from "../composer/composer.js" */

/**
 * The draft in the composer, the text of an edited message that was not sent, and the height it was dragged to.
 *
 * @typedef {{ draft: Draft, edited: string, height: number | null }} SavedViewState
 */

/**
 * Return the state, or null if the user has changed nothing.
 *
 * @param {SavedViewState} state
 * @returns {SavedViewState | null}
 */
export function savedViewState({ draft, edited, height }) {
  const isChanged = draft.text || draft.attached.length > 0 || edited || height !== null;
  return isChanged ? { draft, edited, height } : null;
}
