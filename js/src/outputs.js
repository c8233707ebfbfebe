/**
 * The conversation in the outputs of a notebook, kept true after the page was loaded anew: JupyterLab has forgotten then
 * which output a display id is of, and drops what the kernel has to say about it. The output bears a mark.
 */

/** @import { Store } from "./store.js" */

/** @typedef {{ data?: Record<string, unknown>, metadata?: Record<string, unknown> }} Bundle */
/** @typedef {{ length: number, get(index: number): Bundle, set(index: number, output: object): void }} Outputs */
/** @typedef {{ header: { msg_type: string }, content: Bundle }} Message */
/** @typedef {(sender: unknown, message: Message) => void} Hear */

/**
 * @typedef {object} Context of a notebook, in what hands it to its widgets
 * @property {Promise<void>} ready
 * @property {{ cells?: Iterable<{ outputs?: Outputs }> }} model
 * @property {{ iopubMessage?: { connect(hear: Hear): void, disconnect(hear: Hear): void } }} sessionContext
 */

/** As in `_transcript.py`. */
const MARK = "chatwidget";
const MIME = "text/markdown";

/**
 * @param {any} manager of the widgets; only a notebook's has a context
 * @param {object} options
 * @param {Store} options.store
 * @param {() => void} options.refresh ask the kernel for what it may have said before anyone listened
 * @param {AbortSignal} options.signal
 */
export function keepOutputs(manager, { store, refresh, signal }) {
  /** @type {Context | undefined} */
  const context = manager?.context;
  const messages = context?.sessionContext?.iopubMessage;
  if (!context || !messages) return;

  /** @type {Hear} */
  const hear = (_, { header, content }) => {
    if (header.msg_type !== "update_display_data" || !isMarked(content, store)) return;
    for (const [outputs, index] of marked(context, store)) {
      if (outputs.get(index).data?.[MIME] === content.data?.[MIME]) continue;
      outputs.set(index, { output_type: "display_data", data: content.data, metadata: content.metadata });
    }
  };
  messages.connect(hear);
  signal.addEventListener("abort", () => messages.disconnect(hear), { once: true });
  // An output that is older than this page's widget has come from the file.
  context.ready.then(() => !signal.aborted && marked(context, store).length > 0 && refresh());
}

/** The outputs of this conversation: a cell may have been copied. @type {(context: Context, store: Store) => [Outputs, number][]} */
function marked({ model }, store) {
  /** @type {[Outputs, number][]} */
  const found = [];
  for (const { outputs } of model?.cells ?? []) {
    for (let index = 0; index < (outputs?.length ?? 0); index += 1) {
      if (outputs && isMarked(outputs.get(index), store)) found.push([outputs, index]);
    }
  }
  return found;
}

/** @type {(bundle: Bundle, store: Store) => boolean} */
const isMarked = ({ metadata }, { snapshot }) => metadata?.[MARK] === snapshot.channel;
