/** The renderers that ours is measured against: each takes the text piece by piece into an element of its own. */

import DOMPurify from "dompurify";
import hljs from "highlight.js/lib/common";
import { marked } from "marked";
import * as smd from "streaming-markdown";

/** @typedef {{ write: (piece: string) => void, end: () => void }} Renderer */

/** Only ever appends: each piece once, code highlighted when its fence closes. */
function streamingMarkdown(root) {
  const renderer = smd.default_renderer(root);
  const endToken = renderer.end_token;
  renderer.end_token = (data) => {
    const node = data.nodes[data.index];
    endToken(data);
    if (node?.localName === "code" && node.parentElement?.localName === "pre") hljs.highlightElement(node);
  };
  const parser = smd.parser(renderer);
  return { write: (piece) => smd.parser_write(parser, piece), end: () => smd.parser_end(parser) };
}

/** The whole message again for each piece, as most chats do. */
function wholeMessage(root) {
  let text = "";
  const render = () => {
    root.innerHTML = DOMPurify.sanitize(marked.parse(text));
    for (const code of root.querySelectorAll("pre code")) hljs.highlightElement(code);
  };
  return {
    write(piece) {
      text += piece;
      render();
    },
    end: render,
  };
}

const RENDERERS = { "streaming-markdown": streamingMarkdown, "marked + DOMPurify + highlight.js": wholeMessage };

/** @param {string} name @param {HTMLElement} scroller @returns {Renderer} */
export function baseline(name, scroller) {
  const root = scroller.appendChild(document.createElement("div"));
  const { write, end } = RENDERERS[name](root);
  const follow = (step) => (piece) => {
    step(piece);
    scroller.scrollTop = scroller.scrollHeight;
  };
  return { write: follow(write), end: follow(end) };
}
