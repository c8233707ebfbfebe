/** One view of a conversation. It knows the store and the user's actions, never the widget's model. */

import { highlightAll } from "../code/highlighted_text.js";
import { loadHighlighter } from "../code/highlighter.js";
import { createComposer } from "../composer/composer.js";
import { acceptDrops } from "../composer/data_transfer.js";
import { createPendingMessages } from "../composer/pending_messages.js";
import { createStarters } from "../composer/starters.js";
import { element, showText } from "../dom/elements.js";
import { framePainter } from "../dom/frame.js";
import { createConnectPanel } from "../header/connect_panel.js";
import { createHeader } from "../header/header.js";
import { drawFormulas } from "../markdown/math.js";
import { createContextOf } from "../message/message_context.js";
import { mergeChange, noChange } from "../state/store.js";
import { groupResults } from "../state/tool_results.js";
import { createTranscript } from "../transcript/transcript.js";
import { createAnnouncer } from "./announcer.js";
import { BranchSwitch } from "./branch_switch.js";
import { ConnectFlow } from "./connect_flow.js";
import { download } from "./download.js";
import { createFullWindow } from "./full_window.js";
import { noticeOf } from "./notice.js";
import { createResizeHandle } from "./resize_handle.js";
import { createRestoreBar } from "./restore_bar.js";
import { savedViewState } from "./saved_view_state.js";
import { createUsageLine } from "./usage_line.js";

/** @import { Insert } from "../host/insert_cell.js" */
/** @import { Strings } from "../i18n/strings.js" */
/** @import { Actions } from "../kernel/actions.js" */
/** @import { Outbox } from "../kernel/outbox.js" */
/** @import { Attachment, Connect } from "../protocol/messages.js" */
/** @import { Store } from "../state/store.js" */
/** @import { SavedViewState } from "./saved_view_state.js" */

/** @type {string[]} */
const NOTHING = [];

/**
 * Mount a view and keep it up to date until the signal aborts.
 *
 * @param {HTMLElement} parent
 * @param {object} options
 * @param {Store} options.store
 * @param {Outbox} options.outbox
 * @param {Actions} options.actions
 * @param {Strings} options.strings
 * @param {Insert} [options.insert] inserts a cell into the notebook
 * @param {SavedViewState} [options.before] state of the view that this one replaces
 * @param {AbortSignal} options.signal
 */
export function mountView(parent, { store, outbox, actions, strings, insert, before, signal }) {
  const latest = store.snapshot.messages.slice(-1).map(({ id }) => id);
  let change = { ids: new Set(latest), list: true, state: true };
  let grouped = groupResults([]);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let countdown;

  const flow = new ConnectFlow();
  const branchSwitch = new BranchSwitch();
  const announcer = createAnnouncer({ strings, signal });
  const notice = element("div", { class: "chatwidget-notice", role: "status", dir: "auto" });

  const repaintState = () => {
    change.state = true;
    paint();
  };
  const openPanel = () => {
    flow.open();
    repaintState();
    panel.focus();
  };
  const closePanel = () => {
    flow.cancel();
    repaintState();
  };
  const connect = (/** @type {Connect} */ command) => {
    flow.begin(store.state);
    actions.connect(command);
    repaintState();
  };
  const submit = (/** @type {string} */ text, /** @type {Attachment[]} */ attachments = []) => {
    outbox.submit(text, attachments.length > 0 ? attachments : undefined);
    transcript.toEnd();
  };

  const header = createHeader({ strings, actions, onOther: openPanel, signal });
  const panel = createConnectPanel({
    strings,
    onConnect: connect,
    onSearch: actions.servers,
    onCancel: closePanel,
    signal,
  });
  const restoreBar = createRestoreBar({ strings, onRestore: actions.restore, signal });
  actions.onFile(download, signal);
  const pending = createPendingMessages({
    strings,
    onResend: (id) => outbox.resend(id),
    onTakeBack: (id) => {
      const { text, attachments = [] } = outbox.takeBack(id);
      composer.putBack({ text, attached: attachments });
    },
    signal,
  });
  const composer = createComposer({
    strings,
    draft: before?.draft ?? { text: "", attached: [] },
    onSubmit: submit,
    onStop: actions.stop,
    onEditLast: () => transcript.editLast(),
    queries: actions.queries,
    signal,
  });
  const usageLine = createUsageLine(strings);
  const starters = createStarters({
    strings,
    onPick: (text) => {
      submit(text);
      composer.focus();
    },
    signal,
  });
  const moveEdit = (/** @type {string} */ text) =>
    composer.putBack({ text, attached: [] }, strings.editMoved);
  const transcript = createTranscript({
    strings,
    commands: {
      retry: actions.retry,
      continueAnswer: () => submit(strings.askToGoOn),
      chooseModel: header.chooseModel,
      approve: actions.approve,
      edit(id, text) {
        outbox.edit(id, text);
        transcript.toEnd();
        composer.focus();
      },
      regenerate(id) {
        actions.regenerate(id);
        transcript.toEnd();
        composer.focus();
      },
      remove(id) {
        actions.remove(id);
        composer.focus();
      },
      switch(id, index, step) {
        const position = grouped.shown.findIndex((message) => message.id === id);
        branchSwitch.begin(position, index, step);
        actions.switch(id, index);
      },
      signal,
    },
    insert,
    after: [starters.element, pending.element],
    onLost: moveEdit,
    signal,
  });

  const paintState = () => {
    const { connection, context = NOTHING, look, queue, restorable, servers, status } = store.state;
    const gone = store.isAlone;
    const isEmpty = store.snapshot.messages.length === 0;
    const isStart = isEmpty && queue.length + outbox.entries.length === 0;
    const shownNotice = noticeOf(store, strings);
    const { isOpen, connected, connecting, failed } = flow.update(store.state, shownNotice.code);
    const open = isOpen && !gone;
    const leavesPanel = !open && panel.element.matches(":focus-within");
    root.dataset.status = status;
    root.dataset.kernel = store.kernel;
    root.dataset.connection = connection.kind;
    header.update(store.state, { panelOpen: open, isEmpty, gone });
    panel.update({ open, connecting, canCancel: connected, connection, servers, notice: shownNotice });
    restoreBar.update(restorable && !gone, isEmpty);
    const queued = queue.map((item) => ({ ...item, ...outbox.queued(item.id) }));
    pending.update(queued, outbox.entries);
    composer.update({ busy: store.busy, connected, connecting, failed, gone, context });
    starters.update(look.starters, connected && isStart && !gone);
    resizeHandle.update(look.height);
    showText(notice, open ? "" : shownNotice.text);
    usageLine.update(store.state.spent);
    if (leavesPanel) composer.focus();
  };

  const focusSwitchedBranch = () => {
    const switched = branchSwitch.finish(grouped.shown);
    if (switched) transcript.find(switched.id)?.focusBranch(switched.step);
  };

  const paint = () => {
    const { ids, list, state } = change;
    change = noChange();
    if (state || list) paintState();
    if (list) grouped = groupResults(store.snapshot.messages);
    const changed = new Set(Array.from(ids, (id) => grouped.owners.get(id) ?? id));
    const contextOf = createContextOf(store, grouped, strings);
    transcript.paint(grouped.shown, { ids: changed, list, state, contextOf });
    if (list) focusSwitchedBranch();
    announcer.announce(Array.from(ids, (id) => store.get(id)).filter((message) => message !== undefined));
    clearTimeout(countdown);
    if (["retrying", "streaming"].includes(store.state.status)) countdown = setTimeout(requestPaint, 1000);
  };

  const root = createRoot(strings, signal);
  root.classList.toggle("chatwidget-has-notebook", insert !== undefined);
  const resizeHandle = createResizeHandle(root, { strings, height: before?.height ?? null, signal });
  const dropHint = element("div", { class: "chatwidget-drop" }, strings.dropHere);
  acceptDrops(root, { hint: dropHint, onDrop: composer.attach, signal });
  header.element.append(createFullWindow(root, { strings, signal }));
  root.append(header.element, transcript.element, restoreBar.element, notice, panel.element);
  root.append(...composer.elements, usageLine.element, announcer.element, dropHint, resizeHandle.handle);

  drawFormulas(root, { load: actions.resource, signal });
  loadHighlighter(root, { load: actions.resource, highlight: highlightAll, signal });

  const requestPaint = framePainter(paint, signal);
  store.subscribe((later) => {
    mergeChange(change, later);
    requestPaint();
  }, signal);
  outbox.subscribe(() => {
    change.state = true;
    requestPaint();
  }, signal);
  signal.addEventListener("abort", () => clearTimeout(countdown), { once: true });

  parent.append(root);
  paint();
  if (before?.edited) moveEdit(before.edited);
  return {
    root,
    get savedState() {
      return savedViewState({
        draft: composer.draft,
        edited: transcript.edited,
        height: resizeHandle.height,
      });
    },
  };
}

/**
 * Create the outermost element. No key pressed inside it reaches the notebook.
 *
 * @param {Strings} strings
 * @param {AbortSignal} signal
 */
function createRoot(strings, signal) {
  const root = element("div", { class: "chatwidget", lang: strings.language });
  // JupyterLab and Notebook 7 handle keys before any element does, except keys from below this attribute.
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const stay = (/** @type {Event} */ event) => event.stopPropagation();
  for (const type of ["keydown", "keypress", "keyup"]) root.addEventListener(type, stay, { signal });
  return root;
}
