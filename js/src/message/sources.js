/** The citations of an answer, and its sound. */

import { element } from "../dom/elements.js";
import { boxInvisible } from "../dom/invisible.js";
import { hostOf, isLink } from "../text/urls.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Citation, ViewMessage } from "../protocol/messages.js" */

const SOUND_DATA = /^data:audio\/[a-z\d]+;base64,[\w+/=]+$/;

/**
 * Create the list of citations, numbered because the text may refer to [2].
 *
 * @param {Strings} strings
 */
export function createSources(strings) {
  const list = element("ol", { class: "chatwidget-findable" });
  const frame = element("div", { class: "chatwidget-sources", hidden: "" });
  frame.append(element("strong", {}, strings.sources), list);
  /** @type {Citation[] | undefined} */
  let shown;
  return {
    element: frame,
    /** @param {ViewMessage} message */
    update({ citations }) {
      if (citations === shown) return;
      shown = citations;
      list.replaceChildren(...(citations ?? []).map(sourceItem));
      frame.hidden = list.childElementCount === 0;
    },
  };
}

/** @param {Citation} citation */
function sourceItem({ url, title }) {
  const line = element("li", { dir: "auto" });
  const label = boxInvisible(title || url || "?");
  if (!isLink(url) || !/^http/i.test(url)) line.append(...label);
  else {
    const link = element("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...label);
    // Show the host, whatever the title claims.
    line.append(link, " ", element("span", { class: "chatwidget-part-note" }, hostOf(url)));
  }
  return line;
}

/** Create the player; it is hidden if there is no sound. @param {Strings} strings */
export function createSound(strings) {
  const player = element("audio", {
    class: "chatwidget-sound",
    controls: "",
    preload: "metadata",
    "aria-label": strings.attached.sound,
  });
  player.hidden = true;
  /** @type {string | null | undefined} */
  let shown;
  return {
    element: player,
    /** @param {ViewMessage} message */
    update({ sound }) {
      if (sound === shown) return;
      shown = sound;
      player.hidden = !sound || !SOUND_DATA.test(sound);
      if (sound && !player.hidden) player.src = sound;
    },
  };
}
