/** Shows which version of a message is displayed, and switches to the others. */

import { on } from "../dom/delegation.js";
import { element, setHidden, showText } from "../dom/elements.js";
import { iconButton, nameButton } from "../dom/icons.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { ViewMessage } from "../protocol/messages.js" */
/** @import { Commands } from "./message_context.js" */

/**
 * Create the group of buttons; it is hidden for messages with one version.
 *
 * @param {Strings} strings
 * @param {Commands} commands
 */
export function createBranches(strings, commands) {
  const back = iconButton("back", "back", "");
  const forward = iconButton("forward", "forward", "");
  const count = element("span", { class: "chatwidget-branch-count" });
  const group = element("div", { class: "chatwidget-branches", role: "group", hidden: "" });
  group.append(back, count, forward);
  let id = "";
  let branch = { index: 0, count: 1 };

  const go = (/** @type {1 | -1} */ step) => {
    const index = branch.index + step;
    if (index >= 0 && index < branch.count) commands.switch(id, index, step);
  };
  on(back, { click: () => go(-1) });
  on(forward, { click: () => go(1) });
  on(group, {
    keydown(event) {
      if (event.key === "ArrowLeft") go(-1);
      if (event.key === "ArrowRight") go(1);
    },
  });

  return {
    element: group,
    /** @param {ViewMessage} message */
    update(message) {
      ({ id, branch } = message);
      const [number, last] = [branch.index + 1, branch.count];
      setHidden(group, last < 2);
      if (group.hidden) return;
      showText(count, `${number}/${last}`);
      group.setAttribute("aria-label", strings.version(number, last));
      // Not `disabled`: the button pressed last would lose the focus at the end of the list.
      back.setAttribute("aria-disabled", String(number === 1));
      forward.setAttribute("aria-disabled", String(number === last));
      nameButton(back, strings.previousVersion(number, last));
      nameButton(forward, strings.nextVersion(number, last));
    },
    /** @param {1 | -1} step */
    focus(step) {
      (step < 0 ? back : forward).focus();
    },
  };
}
