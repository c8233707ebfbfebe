/** The language modes, bundled separately: they are large, and not every conversation has code. */

export { modeOf } from "./languages.js";
export { copyState, startState, tokenize } from "./tokenize.js";
