/** What programs write for terminals. */

const ESC = "\u001b";
const BEL = "\u0007";
const CSI = "\u009b";

/** What tells a sequence's kind, and what it takes with it. One that is not yet whole goes as well. */
const SEQUENCES = [
  // With parameters, up to a letter: colours, the cursor.
  String.raw`(?:${ESC}\[|${CSI})[ -?]*[@-~]?`,
  // A text for the terminal itself: its title, the address of a link.
  String.raw`${ESC}[\]PX^_][^${BEL}${ESC}\n]*(?:${BEL}|${ESC}\\)?`,
  `${ESC}[ -/]*[0-~]?`,
];

const ESCAPES = new RegExp(SEQUENCES.join("|"), "g");

/**
 * @param {string} text
 * @returns {string}
 */
export function stripAnsi(text) {
  return text.includes(ESC) || text.includes(CSI) ? text.replace(ESCAPES, "") : text;
}
