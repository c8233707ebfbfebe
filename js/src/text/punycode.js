/** Names of hosts in ASCII, as the browser writes them. In the place of the package `punycode.js`, for the parser of Markdown. */

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
