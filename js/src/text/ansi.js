/** Terminal escape sequences. */

const ESC = "\u001b";
const BEL = "\u0007";
const CSI = "\u009b";

/** Sequences by their introducer, with their parameters. Incomplete ones match as well. */
const SEQUENCES = [
  // Control sequences, up to a letter: colours, cursor movement.
  String.raw`(?:${ESC}\[|${CSI})[ -?]*[@-~]?`,
  // Strings for the terminal itself: its title, the address of a link.
  String.raw`${ESC}[\]PX^_][^${BEL}${ESC}\n]*(?:${BEL}|${ESC}\\)?`,
  `${ESC}[ -/]*[0-~]?`,
];

const ESCAPES = new RegExp(SEQUENCES.join("|"), "g");

/**
 * Return a text without escape sequences.
 *
 * @param {string} text
 * @returns {string}
 */
export function stripAnsi(text) {
  return text.includes(ESC) || text.includes(CSI) ? text.replace(ESCAPES, "") : text;
}
