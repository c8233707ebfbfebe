/** Images in messages: small, to be enlarged; those from elsewhere are loaded when a person says so. */

import { on } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";
import { iconButton } from "../dom/icons.js";
import { hostOf, isImageData, isLink } from "../text/urls.js";

/** @import { Strings } from "../i18n/strings.js" */

/**
 * @param {string} url
 * @param {Strings} strings
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function createImage(url, strings, signal) {
  if (isImageData(url)) return thumbnail(url, strings);
  if (!isLink(url) || !url.startsWith("http")) return note(strings.imageRefused);
  return offer(url, strings, signal);
}

/** Stands after a link to an image in a text; the link says from where it comes. @param {Strings} strings */
export const remoteImageButton = (strings) => button("load-remote", strings.loadLinked);

/**
 * Loads the image that is linked before a button, if that was clicked.
 *
 * @param {EventTarget | null} clicked
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
export function handleRemoteImageClick(clicked, strings, signal) {
  const load = clicked instanceof Element ? clicked.closest(".chatwidget-load-remote") : null;
  const link = load?.previousElementSibling;
  // As the text grows the button stays and the link may change, so it is looked at now.
  if (load && link instanceof HTMLAnchorElement && isLink(link.href))
    replace(load, link.href, strings, signal);
}

/**
 * @param {string} url
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
function offer(url, strings, signal) {
  const load = button("load-image", strings.loadImage(hostOf(url)));
  return on(load, { click: () => replace(load, url, strings, signal) });
}

/**
 * @param {Element} load
 * @param {string} url
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
function replace(load, url, strings, signal) {
  const image = thumbnail(url, strings);
  const failed = () => image.replaceWith(note(strings.imageFailed(hostOf(url))));
  image.querySelector("img")?.addEventListener("error", failed, { once: true, signal });
  load.replaceWith(image);
  image.querySelector("button")?.focus();
}

/**
 * @param {string} url
 * @param {Strings} strings
 */
function thumbnail(url, strings) {
  const enlarge = element("button", { type: "button", class: "chatwidget-thumbnail" }, picture(url, ""));
  enlarge.setAttribute("aria-label", strings.enlarge);
  const frame = element("span", { class: "chatwidget-picture" }, enlarge);
  /** @type {HTMLDialogElement | undefined} */
  let dialog;
  on(enlarge, {
    click() {
      dialog ??= frame.appendChild(enlarged(url, strings));
      dialog.showModal();
    },
  });
  return frame;
}

/**
 * Esc closes it, and the focus goes back to where it was: the browser sees to both.
 *
 * @param {string} url
 * @param {Strings} strings
 */
function enlarged(url, strings) {
  const close = iconButton("close", "remove", strings.close);
  const dialog = element("dialog", { class: "chatwidget-enlarged", "aria-label": strings.image });
  dialog.append(picture(url, strings.image), close);
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
