/** One view of a conversation. It knows the store and the user's actions, never the widget's model. */

import { highlightAll } from "../code/highlighted_text.js";
import { loadHighlighter } from "../code/highlighter.js";
import { createComposer } from "../composer/composer.js";
import { acceptDrops } from "../composer/data_transfer.js";
import { createAskNames } from "../composer/name_check.js";
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
import { createEndInSight } from "./end_in_sight.js";
import { createFullWindow } from "./full_window.js";
import { keepKeys } from "./host_shortcuts.js";
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

  /** Take messages that are not in the conversation yet back into the text field. @param {readonly string[]} ids */
  const takeBack = (ids) => {
    // Each goes before the text in the field.
    for (const id of [...ids].reverse()) {
      if (!store.isAlone && store.state.queue.some((queued) => queued.id === id)) actions.withdraw(id);
      const { text, attachments = [] } = outbox.takeBack(id);
      composer.putBack({ text, attached: attachments });
    }
  };
  /** Stop the answer; if none runs any more, take back what that has held. */
  const stop = () => {
    if (store.busy) actions.stop();
    else takeBack(heldBack());
  };
  const heldBack = () => store.state.queue.filter(({ held }) => held).map(({ id }) => id);

  const header = createHeader({
    strings,
    actions,
    onOther: openPanel,
    onFind: () => transcript.find.open(),
    signal,
  });
  const panel = createConnectPanel({
    strings,
    onConnect: connect,
    onSearch: actions.servers,
    onCancel: closePanel,
    signal,
  });
  const restore = () => {
    actions.restore();
    composer.focus();
  };
  const restoreBar = createRestoreBar({ strings, onRestore: restore, signal });
  actions.onFile(download, signal);
  const pending = createPendingMessages({
    strings,
    onResend: (id) => outbox.resend(id),
    onTakeBack: (id) => takeBack([id]),
    onRelease: (id) => {
      actions.release(id);
      transcript.toEnd();
      composer.focus();
    },
    signal,
  });
  const askNames = createAskNames({ strings, preview: actions.queries.preview, signal });
  const composer = createComposer({
    strings,
    draft: before?.draft ?? { text: "", attached: [] },
    onSubmit: submit,
    onStop: stop,
    onEditLast: () => restoreBar.bringBackPrevious() || transcript.editLast(),
    queries: actions.queries,
    askNames,
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
      askNames,
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
    // No kernel will ask these any more.
    if (store.isAlone) takeBack(store.state.queue.map(({ id }) => id));
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
    const previous = isStart && !gone ? store.previousCount : 0;
    restoreBar.update(restorable && !gone, { isEmpty, previous });
    const queued = queue.map((item) => ({ ...item, ...outbox.queued(item.id) }));
    pending.update(queued, outbox.entries);
    composer.update({
      busy: store.busy,
      held: heldBack().length > 0,
      connected,
      connecting,
      failed,
      gone,
      context,
    });
    starters.update(look.starters, connected && isStart && !gone);
    resizeHandle.update(look.height);
    showText(notice, open ? "" : shownNotice.text);
    usageLine.update(store.state.spent);
    if (leavesPanel) composer.focus();
  };

  const focusSwitchedBranch = () => {
    const switched = branchSwitch.finish(grouped.shown);
    if (switched) transcript.viewOf(switched.id)?.focusBranch(switched.step);
  };

  const paint = () => {
    const { ids, list, state } = change;
    change = noChange();
    transcript.hold();
    if (state || list) paintState();
    if (list) grouped = groupResults(store.snapshot.messages);
    const changed = new Set(Array.from(ids, (id) => grouped.owners.get(id) ?? id));
    const contextOf = createContextOf(store, grouped, strings);
    transcript.paint(grouped.shown, { ids: changed, list, state, contextOf });
    if (list) focusSwitchedBranch();
    endInSight.update({ busy: store.busy, asks: store.state.approvals.length > 0 });
    announcer.announce(Array.from(ids, (id) => store.get(id)).filter((message) => message !== undefined));
    clearTimeout(countdown);
    if (["retrying", "streaming"].includes(store.state.status)) countdown = setTimeout(requestPaint, 1000);
  };

  const root = element("div", { class: "chatwidget", lang: strings.language });
  keepKeys(root, { claims: (event) => transcript.find.claims(event), signal });
  root.classList.toggle("chatwidget-has-notebook", insert !== undefined);
  const resizeHandle = createResizeHandle(root, { strings, height: before?.height ?? null, signal });
  const dropHint = element("div", { class: "chatwidget-drop" }, strings.dropHere);
  acceptDrops(root, { hint: dropHint, onDrop: composer.attach, signal });
  header.element.append(createFullWindow(root, { strings, signal }));
  root.append(
    header.element,
    transcript.find.element,
    transcript.element,
    restoreBar.element,
    notice,
    panel.element,
  );
  root.append(...composer.elements, usageLine.element, announcer.element, dropHint, resizeHandle.handle);
  const endInSight = createEndInSight(root, { end: resizeHandle.handle, signal });

  root.addEventListener("keydown", (event) => transcript.find.pressed(event), { signal });

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
    /** Take over what was not sent in another view. @param {SavedViewState | undefined} left */
    takeOver(left) {
      if (!left) return;
      const text = [left.edited, left.draft.text].filter(Boolean).join("\n");
      composer.put({ text, attached: left.draft.attached });
    },
    get savedState() {
      return savedViewState({
        draft: composer.draft,
        edited: transcript.edited,
        height: resizeHandle.height,
      });
    },
  };
}
