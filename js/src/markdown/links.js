/** What becomes of the links and images in a text: all say where they lead, and none loads anything. */

import MarkdownIt from "markdown-it";
import { hostOf, isDeceptive, isImageData, isLink, REMOTE_IMAGE } from "../text/urls.js";

/** @import { Token } from "markdown-it" */

/**
 * Lets in http, https and mailto links and images that bring their data along. Others stay as they were written.
 *
 * @param {import("markdown-it").MarkdownIt} markdown
 */
export function links(markdown) {
  markdown.validateLink = (url) => isLink(url) || isImageData(url);
  // A host is shown as it is asked for, not in letters that only look like another's.
  markdown.normalizeLinkText = (url) => markdown.normalizeLink(url);
  markdown.linkify.add("www.", {
    validate: (text, at) =>
      /^[\w-]+(?:\.[\w-]+)+(?:[/?#][^\s<]*[\w/=&#-])?/.exec(text.slice(at))?.[0].length ?? 0,
    normalize: (match) => {
      match.url = `http://${match.url}`;
    },
  });
  markdown.core.ruler.push("links", ({ tokens }) => {
    for (const token of tokens) if (token.children) token.children = named(token.children);
  });
}

/**
 * The tokens of a line, links with their host as title and images from elsewhere as links.
 *
 * @param {Token[]} tokens
 * @returns {Token[]}
 */
function named(tokens) {
  /** @type {Token[]} */
  const line = [];
  let open = -1;
  for (const token of tokens) {
    if (token.type === "image") line.push(...image(token, open >= 0));
    else line.push(token);
    if (token.type === "link_open") open = line.length - 1;
    if (token.type !== "link_close" || open < 0) continue;
    line.push(...explained(line.slice(open)));
    open = -1;
  }
  return line;
}

/**
 * Gives a link its title, and what is to stand after it.
 *
 * @param {Token[]} link from where it opens to where it closes
 * @returns {Token[]}
 */
function explained([opening, ...inner]) {
  const url = String(opening?.attrGet("href") ?? "");
  if (!opening || !isLink(url)) {
    if (opening) opening.attrs = null;
    return [];
  }
  const host = hostOf(url);
  opening.attrs = addressed(url);
  return isDeceptive(inner.map(({ content }) => content).join(""), host) ? [text(` (${host})`)] : [];
}

/**
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
  opening.attrs = addressed(url);
  if (/^http/i.test(url)) opening.attrs.push(["class", REMOTE_IMAGE]);
  return [opening, label, new MarkdownIt.Token("link_close", "a", -1)];
}

/**
 * @param {string} url
 * @returns {[string, string][]}
 */
function addressed(url) {
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
