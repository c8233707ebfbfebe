/** Which addresses a text may name, and whose they are. */

// With one slash or none, a browser would take what follows for a place on the page's own server.
const LINK = /^(?:https?:\/\/|mailto:)[^\s<>"]+$/i;

const IMAGE_DATA = /^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=]+$/i;

/** The class of a link to an image that a text would show. Nothing in a text can give it to another link. */
export const REMOTE_IMAGE = "chatwidget-remote-image";

/** A text that a reader takes for an address, after what addresses may begin with. */
const LOOKS_LIKE_ADDRESS =
  /^\s*(?:https?:\/\/|mailto:|\/\/)?(?:www\.)?(\S+\.[\p{L}\d-]{2,}(?:[/?#:]\S*)?)\s*$/iu;

/** @param {string} url */
export function isLink(url) {
  return LINK.test(url) && URL.canParse(url);
}

/** @param {string} url */
export function isImageData(url) {
  return IMAGE_DATA.test(url);
}

/**
 * The host a link leads to, or the person.
 *
 * @param {string} link
 */
export function hostOf(link) {
  const { protocol, host, pathname } = new URL(link);
  return protocol === "mailto:" ? pathname : host;
}

/**
 * Whether a link's text reads like the address of someone else.
 *
 * @param {string} text
 * @param {string} host
 */
export function isDeceptive(text, host) {
  const shown = LOOKS_LIKE_ADDRESS.exec(text.slice(0, 2000))?.[1]?.toLowerCase();
  if (shown === undefined) return false;
  const real = host.toLowerCase().replace(/^www\./, "");
  return !shown.startsWith(real) || !/^(?:[/?#:]|$)/.test(shown.slice(real.length));
}
