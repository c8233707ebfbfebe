/** Links and images in a text: every link names its host, and no image is loaded. */

import MarkdownIt from "markdown-it";
import { hostOf, isDeceptive, isImageData, isLink, REMOTE_IMAGE } from "../text/urls.js";

/** @import { Token } from "markdown-it" */

/**
 * A markdown-it plugin that allows http, https and mailto links, and images with embedded data. Others stay text.
 *
 * @param {import("markdown-it").MarkdownIt} markdown
 */
export function links(markdown) {
  markdown.validateLink = (url) => isLink(url) || isImageData(url);
  // Show the encoded host, as letters of other scripts could imitate another host.
  markdown.normalizeLinkText = (url) => markdown.normalizeLink(url);
  markdown.linkify.add("www.", {
    validate: (text, at) =>
      /^[\w-]+(?:\.[\w-]+)+(?:[/?#][^\s<]*[\w/=&#-])?/.exec(text.slice(at))?.[0].length ?? 0,
    normalize: (match) => {
      match.url = `http://${match.url}`;
    },
  });
  markdown.core.ruler.push("links", ({ tokens }) => {
    for (const token of tokens) if (token.children) token.children = annotateLinks(token.children);
  });
}

/**
 * Return the tokens of a line with the host as title of each link, and links in place of remote images.
 *
 * @param {Token[]} tokens
 * @returns {Token[]}
 */
function annotateLinks(tokens) {
  /** @type {Token[]} */
  const line = [];
  let open = -1;
  for (const token of tokens) {
    if (token.type === "image") line.push(...image(token, open >= 0));
    else line.push(token);
    if (token.type === "link_open") open = line.length - 1;
    if (token.type !== "link_close" || open < 0) continue;
    line.push(...annotateLink(line.slice(open)));
    open = -1;
  }
  return line;
}

/**
 * Set the title of a link, and return the tokens to put after it: its host, if the text suggests another.
 *
 * @param {Token[]} link from its opening to before its closing
 * @returns {Token[]}
 */
function annotateLink([opening, ...inner]) {
  const url = String(opening?.attrGet("href") ?? "");
  if (!opening || !isLink(url)) {
    if (opening) opening.attrs = null;
    return [];
  }
  const host = hostOf(url);
  opening.attrs = linkAttributes(url);
  return isDeceptive(inner.map(({ content }) => content).join(""), host) ? [text(` (${host})`)] : [];
}

/**
 * Return the tokens in place of an image.
 *
 * @param {Token} token
 * @param {boolean} inLink
 * @returns {Token[]}
 */
function image(token, inLink) {
  const url = String(token.attrGet("src"));
  if (isImageData(url)) return [token];
  const label = text(`🖼 ${token.content} (${hostOf(url)})`);
  if (inLink) return [label];
  const opening = new MarkdownIt.Token("link_open", "a", 1);
  opening.attrs = linkAttributes(url);
  if (/^http/i.test(url)) opening.attrs.push(["class", REMOTE_IMAGE]);
  return [opening, label, new MarkdownIt.Token("link_close", "a", -1)];
}

/**
 * Return the attributes of a link.
 *
 * @param {string} url
 * @returns {[string, string][]}
 */
function linkAttributes(url) {
  return [
    ["href", url],
    ["title", hostOf(url)],
  ];
}

/** @param {string} content */
function text(content) {
  const token = new MarkdownIt.Token("text", "", 0);
  token.content = content;
  return token;
}
