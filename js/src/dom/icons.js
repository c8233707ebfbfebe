/** Icons, drawn in the colour of the text. */

import { button } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";

/** Paths in a square of 24 by 24. */
const PATHS = {
  attach: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  remove: "M7 7l10 10M17 7L7 17",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  text: "M5 7h14M5 12h14M5 17h8",
  expand: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  shrink: "M20 10h-6V4M14 10l7-7M4 14h6v6M10 14l-7 7",
  back: "m15 5-7 7 7 7",
  forward: "m9 5 7 7-7 7",
  up: "m5 15 7-7 7 7",
  down: "m5 9 7 7 7-7",
  copy: "M9 8h10v12H9zM5 15V4h10",
  check: "m5 13 5 5L20 7",
  edit: "m4 20 1-5L16 4l4 4L9 19zM14 6l4 4",
  regenerate: "M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 3v4.5H15",
  trash: "M5 7h14M10 7V4h4v3M6.5 7l1 13h9l1-13M10.5 11v5M13.5 11v5",
  info: "M12 3a9 9 0 1 0 .01 0zM12 11v6M12 7.500v.1",
  question: "M8.5 9a3.7 3.7 0 1 1 5.2 3.400C12.5 13 12 13.6 12 15M12 19v.1",
  more: "M4.500 11.500h1v1h-1zM11.500 11.500h1v1h-1zM18.500 11.500h1v1h-1z",
  sliders: "M4 8h9M17 8h3M15 5.500v5M4 16h3M11 16h9M9 13.500v5",
  barred: "M12 4a8 8 0 1 0 .01 0zM6.500 6.500l11 11",
  unknown: "M12 4 3 19h18zM12 10v4M12 16.500v.1",
  ring: "M12 4a8 8 0 1 1-8 8",
  tool: "m20 6.6-3 3L14.5 7l3-3a5.4 5.4 0 0 0-6.9 6.900L4 17.5 6.5 20l6.6-6.600A5.4 5.4 0 0 0 20 6.600z",
};

/** @typedef {keyof typeof PATHS} Icon */

/** Create an icon. @param {Icon} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "chatwidget-icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  return setIcon(svg, name);
}

/**
 * Turn one icon into another.
 *
 * @template {Element} E
 * @param {E} svg
 * @param {Icon} name
 */
export function setIcon(svg, name) {
  svg.firstElementChild?.setAttribute("d", PATHS[name]);
  return svg;
}

/**
 * Show an icon in a button, and name the button.
 *
 * @param {HTMLButtonElement} target
 * @param {Icon} name
 * @param {string} label
 */
export function showIcon(target, name, label) {
  target.classList.add("chatwidget-icon-button");
  target.replaceChildren(icon(name));
  nameButton(target, label);
}

/**
 * Create a button with an icon.
 *
 * @param {string} name the part of its class after `chatwidget-`
 * @param {Icon} shown
 * @param {string} label
 */
export function iconButton(name, shown, label) {
  const target = button(name, "");
  showIcon(target, shown, label);
  return target;
}

/**
 * Name a button, for screen readers and as its tooltip.
 *
 * @param {HTMLButtonElement} target
 * @param {string} label
 */
export function nameButton(target, label) {
  target.setAttribute("aria-label", label);
  target.title = label;
}
