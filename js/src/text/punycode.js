/** Host names in ASCII, encoded by the browser. Replaces the package `punycode.js` for the Markdown parser. */

export default {
  /** @param {string} host */
  toASCII(host) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    if (/^[\x00-\x7f]*$/.test(host)) return host;
    try {
      return new URL(`https://${host}`).hostname;
    } catch {
      return host;
    }
  },
};
