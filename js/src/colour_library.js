/** Bundled on its own, as it is large and not all conversations have code: the modes of the languages. */

export { copyOf, piecesOf, startState } from "./highlight.js";
export { modeOf } from "./languages.js";
