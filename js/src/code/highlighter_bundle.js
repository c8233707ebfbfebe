/** Bundled on its own, as it is large and not all conversations have code: the modes of the languages. */

export { modeOf } from "./languages.js";
export { copyState, startState, tokenize } from "./tokenize.js";
