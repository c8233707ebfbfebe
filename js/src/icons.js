/** Icons, drawn in the colour of the text. */

const SVG = "http://www.w3.org/2000/svg";

/** Lines in a square of 24. */
const PATHS = {
  attach: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  remove: "M7 7l10 10M17 7L7 17",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  expand: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  shrink: "M20 10h-6V4M14 10l7-7M4 14h6v6M10 14l-7 7",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.setAttribute("class", "chatwidget-icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

/**
 * Shows an icon in a button, and says in words what it is for.
 *
 * @param {HTMLButtonElement} target
 * @param {keyof typeof PATHS} name
 * @param {string} label
 */
export function showIcon(target, name, label) {
  target.classList.add("chatwidget-icon-button");
  target.setAttribute("aria-label", label);
  target.title = label;
  target.replaceChildren(icon(name));
}
