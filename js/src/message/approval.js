/** Asks the user whether a tool may run. */

import { on } from "../dom/delegation.js";
import { button, element } from "../dom/elements.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Answer } from "../protocol/messages.js" */

/**
 * Create the question and its buttons.
 *
 * @param {Strings} strings
 * @param {(answer: Answer, reason: string) => void} onAnswer
 */
export function createApproval(strings, onAnswer) {
  const reason = element("input", { class: "chatwidget-writing chatwidget-reason", dir: "auto" });
  reason.placeholder = strings.reason;
  reason.setAttribute("aria-label", strings.reason);
  const once = button("allow-once", strings.allowOnce, "primary");
  const always = button("allow-always", strings.allowAlways);
  const refuse = button("refuse", strings.refuse);
  const parts = [once, always, refuse, reason];
  const question = element("span", { class: "chatwidget-question", role: "alert" });
  const group = element(
    "div",
    { class: "chatwidget-approval", role: "group", hidden: "" },
    question,
    ...parts,
  );
  group.setAttribute("aria-label", strings.approval);

  const answer = (/** @type {Answer} */ choice) => {
    for (const part of parts) part.disabled = true;
    onAnswer(choice, choice === "refuse" ? reason.value.trim() : "");
  };
  on(once, { click: () => answer("once") });
  on(always, { click: () => answer("always") });
  on(refuse, { click: () => answer("refuse") });
  on(reason, {
    keydown(event) {
      if (event.key === "Enter" && !event.isComposing && event.keyCode !== 229) answer("refuse");
    },
  });

  return {
    element: group,
    /** @param {boolean} isAsked */
    update(isAsked) {
      if (isAsked !== group.hidden) return;
      for (const part of parts) part.disabled = false;
      question.textContent = isAsked ? strings.mayRun : "";
      group.hidden = !isAsked;
    },
  };
}
