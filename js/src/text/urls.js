/** The addresses that a text may link to, and their hosts. */

// With one slash or none, a browser would resolve the rest against the page's own server.
const LINK = /^(?:https?:\/\/|mailto:)[^\s<>"]+$/i;

const IMAGE_DATA = /^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=]+$/i;

/** The class of a link to a remote image. No text can give it to another link. */
export const REMOTE_IMAGE = "chatwidget-remote-image";

/** Text that reads like an address, after any scheme. */
const LOOKS_LIKE_ADDRESS =
  /^\s*(?:https?:\/\/|mailto:|\/\/)?(?:www\.)?(\S+\.[\p{L}\d-]{2,}(?:[/?#:]\S*)?)\s*$/iu;

/** Return true for an http, https or mailto address. @param {string} url */
export function isLink(url) {
  return LINK.test(url) && URL.canParse(url);
}

/** Return true for a data URL of an image. @param {string} url */
export function isImageData(url) {
  return IMAGE_DATA.test(url);
}

/**
 * Return the host of a link, or the recipient of a mailto link.
 *
 * @param {string} link
 */
export function hostOf(link) {
  const { protocol, host, pathname } = new URL(link);
  return protocol === "mailto:" ? pathname : host;
}

/**
 * Return true if the text of a link reads like the address of another host.
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
