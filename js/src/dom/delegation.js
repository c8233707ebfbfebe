/**
 * Event delegation. One listener of the view serves all elements that come and go, so that nothing holds
 * an element that left the page, and all of them end with the view.
 */

/** @typedef {{ [T in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[T]) => void }} Handlers */

const TYPES = /** @type {const} */ (["click", "keydown", "input", "toggle"]);

/** @type {WeakMap<Element, Handlers>} */
const handlers = new WeakMap();

/**
 * Add handlers to an element; an ancestor must be passed to `delegate`.
 *
 * @template {HTMLElement} E
 * @param {E} target
 * @param {Pick<Handlers, typeof TYPES[number]>} added
 * @returns {E}
 */
export function on(target, added) {
  handlers.set(target, { ...handlers.get(target), ...added });
  return target;
}

/**
 * Pass events on to the handlers of all elements within `root`.
 *
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function delegate(root, signal) {
  for (const type of TYPES) {
    // `toggle` does not bubble, but it can be captured.
    const capture = type === "toggle";
    root.addEventListener(type, (event) => dispatch(event, type, root), { signal, capture });
  }
}

/**
 * @param {Event} event
 * @param {typeof TYPES[number]} type
 * @param {HTMLElement} root
 */
function dispatch(event, type, root) {
  let at = event.target instanceof Element ? event.target : null;
  for (; at && at !== root; at = at.parentElement) {
    const handle = /** @type {((event: Event) => void) | undefined} */ (handlers.get(at)?.[type]);
    handle?.(event);
  }
}
