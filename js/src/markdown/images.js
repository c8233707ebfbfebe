/** Images in messages: thumbnails that can be enlarged. Remote images are loaded only when the user asks. */

import { on } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";
import { iconButton } from "../dom/icons.js";
import { hostOf, isImageData, isLink } from "../text/urls.js";

/** @import { Strings } from "../i18n/strings.js" */

/** An image and its alternative text, which may be empty. @typedef {{ url: string, name: string }} Image */

/**
 * Create an image, or a button that loads it if it is remote.
 *
 * @param {Image} image
 * @param {Strings} strings
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function createImage(image, strings, signal) {
  const { url } = image;
  if (isImageData(url)) return thumbnail(image, strings);
  if (!isLink(url) || !url.startsWith("http")) return note(strings.imageRefused);
  return offer(image, strings, signal);
}

/** Create the button after a link to a remote image; the link shows the host. @param {Strings} strings */
export const remoteImageButton = (strings) => button("load-remote", strings.loadLinked);

/**
 * Load the image linked before a button, if one was clicked.
 *
 * @param {EventTarget | null} clicked
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
export function handleRemoteImageClick(clicked, strings, signal) {
  const load = clicked instanceof Element ? clicked.closest(".chatwidget-load-remote") : null;
  const link = load?.previousElementSibling;
  // While the text grows the link may change, so its address is read at the click.
  if (load && link instanceof HTMLAnchorElement && isLink(link.href))
    replace(load, { url: link.href, name: "" }, strings, signal);
}

/**
 * Create the button that loads an image.
 *
 * @param {Image} image
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
function offer(image, strings, signal) {
  const load = button("load-image", strings.loadImage(hostOf(image.url)));
  return on(load, { click: () => replace(load, image, strings, signal) });
}

/**
 * Replace a button with the image.
 *
 * @param {Element} load
 * @param {Image} image
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
function replace(load, image, strings, signal) {
  const frame = thumbnail(image, strings);
  const failed = () => frame.replaceWith(note(strings.imageFailed(hostOf(image.url))));
  frame.querySelector("img")?.addEventListener("error", failed, { once: true, signal });
  load.replaceWith(frame);
  frame.querySelector("button")?.focus();
}

/**
 * @param {Image} image
 * @param {Strings} strings
 */
function thumbnail(image, strings) {
  const { url, name } = image;
  const enlarge = element("button", { type: "button", class: "chatwidget-thumbnail" }, picture(url, name));
  enlarge.setAttribute("aria-label", name ? strings.enlargeNamed(name) : strings.enlarge);
  const frame = element("span", { class: "chatwidget-picture" }, enlarge);
  /** @type {HTMLDialogElement | undefined} */
  let dialog;
  on(enlarge, {
    click() {
      dialog ??= frame.appendChild(enlarged(image, strings));
      dialog.showModal();
    },
  });
  return frame;
}

/**
 * Create the dialog with the image in full size. The browser closes it on Esc and restores the focus.
 *
 * @param {Image} image
 * @param {Strings} strings
 */
function enlarged({ url, name }, strings) {
  const close = iconButton("close", "remove", strings.close);
  const dialog = element("dialog", { class: "chatwidget-enlarged", "aria-label": name || strings.image });
  dialog.append(picture(url, name || strings.image), close);
  on(close, { click: () => dialog.close() });
  return on(dialog, {
    click({ target }) {
      if (target === dialog) dialog.close();
    },
  });
}

/**
 * @param {string} src
 * @param {string} alt
 */
const picture = (src, alt) => element("img", { referrerpolicy: "no-referrer", decoding: "async", src, alt });

/** @param {string} text */
const note = (text) => element("span", { class: "chatwidget-part" }, text);
