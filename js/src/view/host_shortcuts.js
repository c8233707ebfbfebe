/**
 * Divides the keyboard between the chat that has the focus and the host around it. Keys that type or edit text belong to
 * the chat, so a letter is never a shortcut of the notebook; all other chords belong to the host, as Ctrl+S does.
 */

/** Keys that type nothing, with or without modifiers. */
const SILENT = /^F\d+$/;

/**
 * Keys that move, delete or submit, with any modifiers, and the modifiers alone: JupyterLab that sees one of these go down
 * prevents the next line break or undo in the field.
 */
const EDITING =
  /^(?:Alt|Control|Meta|Shift|Enter|Tab|Backspace|Delete|Insert|Home|End|Page(?:Up|Down)|Arrow\w+)$/;

/** Letters of the chords that edit text, with and without Shift: Ctrl+Shift+C and others are the host's. */
const LETTERS = /[ACVXYZ]/;
const SHIFTED = /[VZ]/;

/** JupyterLab and Notebook 7 may handle keys before any element does, except keys from an element with this attribute. */
const SUPPRESS = "data-lm-suppress-shortcuts";

/** As Jupyter tells macOS from other systems. */
const isMac = () => /mac|iphone|ipad|ipod/i.test(navigator.platform);

/**
 * Return true if a key pressed in the chat is for the host.
 *
 * @param {KeyboardEvent} event
 * @param {boolean} onMac
 */
export function isForHost(event, onMac) {
  const { key, keyCode, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (SILENT.test(key)) return true;
  if (!(altKey || ctrlKey || metaKey) || event.isComposing || EDITING.test(key)) return false;
  if (event.getModifierState("AltGraph")) return false;
  // The position of the letter, as in the host: on a Cyrillic keyboard Ctrl+A has another key.
  const letter = String.fromCharCode(keyCode);
  if (onMac ? metaKey : ctrlKey) return altKey || !(shiftKey ? SHIFTED : LETTERS).test(letter);
  // On macOS Ctrl and a letter moves the caret, and Alt types.
  if (onMac) return ctrlKey && (shiftKey || altKey || !/[A-Z]/.test(letter));
  return true;
}

/**
 * Let only the host's shortcuts leave the view.
 *
 * @param {HTMLElement} root
 * @param {object} options
 * @param {(event: KeyboardEvent) => boolean} options.claims returns true for a shortcut of the view's own
 * @param {AbortSignal} options.signal
 */
export function keepKeys(root, { claims, signal }) {
  const onMac = isMac();
  const passes = (/** @type {KeyboardEvent} */ event) => isForHost(event, onMac) && !claims(event);
  const decide = (/** @type {KeyboardEvent} */ event) => {
    const { target } = event;
    if (!(target instanceof Element && root.contains(target))) return;
    // Jupyter looks at the element with the focus first, which its selectors may match: the attribute must be there.
    target.toggleAttribute(SUPPRESS, !passes(event));
  };
  const stay = (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || !passes(event)) event.stopPropagation();
  };
  // On the window: Jupyter listens on the document.
  window.addEventListener("keydown", decide, { signal, capture: true });
  for (const type of /** @type {const} */ (["keydown", "keypress", "keyup"])) {
    root.addEventListener(type, stay, { signal });
  }
}
