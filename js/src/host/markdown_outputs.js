/**
 * Keeps the Markdown outputs of a conversation current after a reload.
 *
 * JupyterLab has then forgotten which output a display id belongs to, and drops the kernel's updates. This finds the
 * outputs by a mark in their metadata. It also restores a view that ipywidgets gave up while the page was busy.
 */

import { startTimer } from "../dom/timer.js";

/** @import { Store } from "../state/store.js" */

/** @typedef {{ data?: Record<string, unknown>, metadata?: Record<string, unknown> }} Bundle */
/** @typedef {Bundle & { toJSON(): object }} Output */
/** @typedef {{ length: number, get(index: number): Output | undefined, set(index: number, output: object): void }} Outputs */
/** @typedef {{ header: { msg_type: string }, content: Bundle }} Message */
/** @typedef {(sender: unknown, message: Message) => void} MessageListener */

/**
 * @typedef {object} SharedModel
 * @property {readonly unknown[]} cells
 * @property {(index: number, cell: object) => void} insertCell
 * @property {{ stopCapturing(): void }} [undoManager]
 */

/**
 * @typedef {object} Context of a notebook, as its widget manager has it
 * @property {Promise<void>} ready
 * @property {{ cells?: Iterable<{ outputs?: Outputs }>, sharedModel?: SharedModel, readOnly?: boolean }} model
 * @property {{ iopubMessage?: { connect(onMessage: MessageListener): void, disconnect(onMessage: MessageListener): void } }} sessionContext
 */

/** As in `_widget/markdown_output.py`. */
const MARK = "chatwidget";
const MIME = "text/markdown";
const VIEW = "application/vnd.jupyter.widget-view+json";
/** The view below such an output, once ipywidgets shows that it found no widget. */
const GIVEN_UP = `.jp-OutputArea-child:has(> [data-mime-type="${MIME}"]) + * > .jp-OutputArea-output.jupyter-widgets`;
/** Milliseconds between two checks for it, and the number of checks. */
const PAUSE = 1000;
const LOOKS = 20;

/**
 * Update the marked outputs with the kernel's messages until the signal aborts.
 *
 * @param {any} manager of the widgets; only a notebook's has a context
 * @param {object} options
 * @param {Store} options.store
 * @param {() => boolean} options.isShown returns true if there is a view
 * @param {() => void} options.refresh request the updates that were sent before this listened
 * @param {AbortSignal} options.signal
 */
export function syncMarkdownOutputs(manager, { store, isShown, refresh, signal }) {
  /** @type {Context | undefined} */
  const context = manager?.context;
  const messages = context?.sessionContext?.iopubMessage;
  if (!context || !messages) return;

  /** @type {MessageListener} */
  const onMessage = (_, { header, content }) => {
    if (header.msg_type !== "update_display_data" || !isMarked(content, store)) return;
    for (const [outputs, index] of markedOutputs(context, store)) {
      if (outputs.get(index)?.data?.[MIME] === content.data?.[MIME]) continue;
      outputs.set(index, { output_type: "display_data", data: content.data, metadata: content.metadata });
    }
  };
  messages.connect(onMessage);
  signal.addEventListener("abort", () => messages.disconnect(onMessage), { once: true });
  context.ready.then(() => {
    // An output older than this page's widget comes from the file.
    if (signal.aborted || markedOutputs(context, store).length === 0) return;
    refresh();
    startTimer(PAUSE, () => showAgain(context, { store, isShown, signal }), signal);
  });
}

/**
 * Restore a view that was given up.
 *
 * ipywidgets looks for a widget for two seconds (8.1.9, `get_model`). If the page is too busy to look in between, it
 * gives up for good on one that has arrived meanwhile. Setting the output draws it again.
 *
 * @param {Context} context
 * @param {{ store: Store, isShown: () => boolean, signal: AbortSignal }} options
 * @param {number} [looks] checks left
 */
function showAgain(context, options, looks = LOOKS) {
  const { store, isShown, signal } = options;
  if (isShown() || looks === 0) return;
  if (document.querySelector(GIVEN_UP)) {
    for (const [outputs, index] of markedOutputs(context, store)) {
      const view = outputs.get(index + 1);
      if (view?.data?.[VIEW]) outputs.set(index + 1, view.toJSON());
    }
  }
  startTimer(PAUSE, () => showAgain(context, options, looks - 1), signal);
}

/**
 * Return all outputs of this conversation: a cell may have been copied.
 *
 * @type {(context: Context, store: Store) => [Outputs, number][]}
 */
function markedOutputs({ model }, store) {
  /** @type {[Outputs, number][]} */
  const matches = [];
  for (const { outputs } of model?.cells ?? []) {
    for (let index = 0; index < (outputs?.length ?? 0); index += 1) {
      if (outputs && isMarked(outputs.get(index), store)) matches.push([outputs, index]);
    }
  }
  return matches;
}

/**
 * Return true if an output belongs to the conversation of a store.
 *
 * @type {(bundle: Bundle | undefined, store: Store) => boolean}
 */
export const isMarked = (bundle, { snapshot }) => bundle?.metadata?.[MARK] === snapshot.channel;
