/** Layout of JSON for reading. No DOM. */

/** Strings, punctuation, and everything between: numbers and literals. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

const INDENT = "  ";
const DEEPEST = 40;

/**
 * Return a JSON object or list on indented lines, and any other text unchanged. Unlike with `JSON.stringify`, numbers
 * and repeated keys stay exactly as written: the user decides by this text.
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
 * Return the whitespace between two tokens.
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

/** Return a token with its escapes decoded. @param {string} token */
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
