/** JSON as it is easiest to read. No DOM. */

/** Texts, signs, and all between: numbers and names. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

const INDENT = "  ";
const DEEPEST = 40;

/**
 * A text laid out on lines if it is a JSON object or list, else the text itself. Numbers and repeated keys stay to the
 * letter, which `JSON.stringify` would not see to: a person decides by what is written here.
 *
 * @param {string} text
 * @returns {string}
 */
export function layOutJson(text) {
  if (!/^\s*[{[]/.test(text) || !isJson(text)) return text;
  let depth = 0;
  let before = "";
  let out = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const closes = token === "}" || token === "]";
    if (closes) depth -= 1;
    out += gap(before, closes, depth) + readable(token);
    if (token === "{" || token === "[") depth += 1;
    before = token;
  }
  return out;
}

/**
 * What stands between one token and the next.
 *
 * @param {string} before
 * @param {boolean} closes
 * @param {number} depth
 */
function gap(before, closes, depth) {
  if (before === ":") return " ";
  const opened = before === "{" || before === "[";
  return (closes ? before && !opened : opened || before === ",")
    ? `\n${INDENT.repeat(Math.min(depth, DEEPEST))}`
    : "";
}

/** Letters instead of their codes. @param {string} token */
const readable = (token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token);

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
