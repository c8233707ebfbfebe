/** The height of the view: that of its content, the developer's choice, or the user's. */

import { element } from "../dom/elements.js";

/** @import { Strings } from "../i18n/strings.js" */

/** The least and the greatest height, in pixels. */
const MIN = 240;
const MAX = 2400;

/** How far each key changes the height, in pixels. @type {Readonly<Record<string, number>>} */
const STEPS = { ArrowUp: -24, ArrowDown: 24, PageUp: -120, PageDown: 120, Home: -MAX, End: MAX };

/**
 * Create the handle that changes the height of the view.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {Strings} options.strings
 * @param {number | null} options.height that the user chose in an earlier view
 * @param {AbortSignal} options.signal
 */
export function createResizeHandle(root, { strings, height, signal }) {
  const handle = element("div", { class: "chatwidget-handle", role: "separator", tabindex: "0" });
  let configured = "";
  let dragged = height;
  /** The distance from the pointer to the lower edge during a drag. @type {number | null} */
  let offset = null;

  const show = () => {
    const value = dragged === null ? configured : `${dragged}px`;
    root.style.setProperty("--cw-height", value);
    root.toggleAttribute("data-sized", value !== "");
  };

  const drag = (/** @type {number | null} */ to) => {
    dragged = to === null ? null : Math.round(Math.min(MAX, Math.max(MIN, to)));
    show();
  };

  const startDrag = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    handle.setPointerCapture(event.pointerId);
    offset = root.offsetHeight - event.clientY;
  };

  const move = (/** @type {PointerEvent} */ { clientY }) => {
    if (offset !== null) drag(clientY + offset);
  };

  const endDrag = () => {
    offset = null;
  };

  const pressed = (/** @type {KeyboardEvent} */ event) => {
    const step = STEPS[event.key];
    if (step === undefined && event.key !== "Enter") return;
    event.preventDefault();
    drag(step === undefined ? null : root.offsetHeight + step);
  };

  handle.title = strings.heightHint;
  for (const [name, value] of Object.entries({
    label: strings.height,
    orientation: "horizontal",
    valuemin: MIN,
    valuemax: MAX,
  })) {
    handle.setAttribute(`aria-${name}`, String(value));
  }
  handle.addEventListener("pointerdown", startDrag, { signal });
  handle.addEventListener("pointermove", move, { signal });
  handle.addEventListener("lostpointercapture", endDrag, { signal });
  handle.addEventListener("keydown", pressed, { signal });
  handle.addEventListener("dblclick", () => drag(null), { signal });
  const resized = new ResizeObserver(() => handle.setAttribute("aria-valuenow", String(root.offsetHeight)));
  resized.observe(root);
  signal.addEventListener("abort", () => resized.disconnect(), { once: true });

  return {
    handle,
    get height() {
      return dragged;
    },
    /** @param {string | null} look a CSS length */
    update(look) {
      const value = look !== null && CSS.supports("height", look) ? look : "";
      if (value === configured && root.style.getPropertyValue("--cw-height")) return;
      configured = value;
      show();
    },
  };
}
