/**
 * Listeners of elements that come and go. One listener of the view stands for them all, so that nothing
 * of an element that left the page is held, and all of them end with the view.
 */

/** @typedef {{ [T in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[T]) => void }} Handlers */

const TYPES = /** @type {const} */ (["click", "keydown", "input", "toggle"]);

/** @type {WeakMap<Element, Handlers>} */
const handlers = new WeakMap();

/**
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
 * Hears for all elements within `root`.
 *
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function delegate(root, signal) {
  for (const type of TYPES) {
    // That something was folded is told to nobody else on the way up, but it is on the way down.
    const capture = type === "toggle";
    root.addEventListener(type, (event) => pass(event, type, root), { signal, capture });
  }
}

/**
 * @param {Event} event
 * @param {typeof TYPES[number]} type
 * @param {HTMLElement} root
 */
function pass(event, type, root) {
  let at = event.target instanceof Element ? event.target : null;
  for (; at && at !== root; at = at.parentElement) {
    const handle = /** @type {((event: Event) => void) | undefined} */ (handlers.get(at)?.[type]);
    handle?.(event);
  }
}
