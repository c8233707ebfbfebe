/** The entry point that anywidget loads: one conversation per model, shared by all its views. */

import { startTimer } from "./dom/timer.js";
import { recordInCell } from "./host/cell_history.js";
import { listenToComm } from "./host/comm_fallback.js";
import { cellInserter } from "./host/insert_cell.js";
import { syncMarkdownOutputs } from "./host/markdown_outputs.js";
import { stringsFor } from "./i18n/strings.js";
import { createActions } from "./kernel/actions.js";
import { Delivery } from "./kernel/delivery.js";
import { Outbox } from "./kernel/outbox.js";
import { OutboxStorage } from "./kernel/outbox_storage.js";
import { Sync } from "./kernel/sync.js";
import { isSnapshot } from "./protocol/messages.js";
import { fromSavedState, toSavedState } from "./state/saved_state.js";
import { emptySnapshot, Store } from "./state/store.js";
import { mountView } from "./view/view.js";

/** @import { AnyModel, AnyWidget } from "@anywidget/types" */
/** @import { Insert } from "./host/insert_cell.js" */
/** @import { Actions } from "./kernel/actions.js" */
/** @import { Command } from "./protocol/messages.js" */
/** @import { SavedViewState } from "./view/saved_view_state.js" */

/** @typedef {AnyModel<{ _snapshot: unknown }>} Model */

/** Milliseconds without a first message after which anywidget may not be passing messages on. */
const SILENCE_LIMIT = 2000;

/**
 * @typedef {object} Conversation
 * @property {Store} store
 * @property {Outbox} outbox
 * @property {Actions} actions
 * @property {Insert | undefined} insert
 * @property {Set<HTMLElement>} roots its views
 * @property {SavedViewState[]} savedViews of views that are gone
 */

/**
 * Subscribe to a model and return its conversation.
 *
 * @param {Model} model
 * @param {AbortSignal} signal
 * @returns {Conversation}
 */
function openConversation(model, signal) {
  const value = model.get("_snapshot");
  const saved = fromSavedState(value);
  const store = new Store(saved ?? (isSnapshot(value) ? value : emptySnapshot()));
  /** The host's own model. @type {any} */
  let widget;
  model.on("change:_snapshot", (/** @type {unknown} */ changed) => {
    widget = changed;
  });
  publishSavedState(model, store);
  const send = sender(model);
  const delivery = new Delivery(store, { send, signal });
  const storage = new OutboxStorage(() => sessionStorage, store.snapshot.channel);
  const outbox = new Outbox(store, { delivery, storage, signal });
  /** @type {Set<HTMLElement>} */
  const roots = new Set();
  const sync = new Sync(store, { send, signal, isVisible: () => [...roots].some(isVisible) });

  const { actions, receive } = createActions({ store, delivery, send, signal });
  const insert = cellInserter(model.widget_manager, store);
  let isSilent = true;

  model.on("msg:custom", (content) => {
    isSilent = false;
    delivery.noteAnswer();
    if (!receive(content) && !delivery.receive(content)) sync.receive(content);
  });
  // A program that executed the notebook saved what the kernel sent last.
  if (saved || widget?.comm_live === false) {
    store.setKernel("none");
    return { store, outbox, actions, insert, roots, savedViews: [] };
  }
  // ipywidgets reports a kernel that restarts or ends; other losses show only as silence.
  model.on("comm_live_update", () => sync.check());
  sync.start();
  syncMarkdownOutputs(model.widget_manager, {
    store,
    isShown: () => roots.size > 0,
    refresh: () => void delivery.put({ type: "outputs" }),
    signal,
  });
  startTimer(SILENCE_LIMIT, () => isSilent && listenToComm(widget) && sync.start(), signal);
  return { store, outbox, actions, insert, roots, savedViews: [] };
}

/**
 * Make the notebook save the store's state. A new value from the kernel is replaced by it again.
 *
 * @param {Model} model
 * @param {Store} store
 */
function publishSavedState(model, store) {
  const form = toSavedState(store);
  const publish = () => {
    if (model.get("_snapshot") !== form) model.set("_snapshot", form);
  };
  publish();
  model.on("change:_snapshot", publish);
}

/**
 * Return a function that sends a command. A closed comm throws: the senders that need an answer repeat what was lost.
 *
 * @param {Model} model
 * @returns {(command: Command) => boolean} true if it was sent
 */
function sender(model) {
  return (command) => {
    try {
      model.send(command);
      return true;
    } catch (error) {
      console.warn("chatwidget: a message did not reach the kernel", error);
      return false;
    }
  };
}

/** @param {HTMLElement} root */
const isVisible = (root) => !document.hidden && root.getClientRects().length > 0;

/**
 * Show a view until the signal aborts; replace it when the language changes.
 *
 * @param {Conversation} conversation
 * @param {HTMLElement} el
 * @param {AbortSignal} signal
 */
function showView(conversation, el, signal) {
  const { store } = conversation;
  let [shown, language] = [mountOnce(conversation, el, signal), store.state.look.locale];
  const followLanguage = () => {
    if (store.state.look.locale === language) return;
    shown.abort();
    [shown, language] = [mountOnce(conversation, el, signal), store.state.look.locale];
  };
  store.subscribe(({ state }) => state && followLanguage(), signal);
}

/**
 * Mount one view and save its state when it ends.
 *
 * @param {Conversation} conversation
 * @param {HTMLElement} el
 * @param {AbortSignal} outer
 * @returns {AbortController} ends the view early
 */
function mountOnce(conversation, el, outer) {
  const { store, outbox, actions, insert, roots, savedViews } = conversation;
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);
  const strings = stringsFor(store.state.look.locale || document.documentElement.lang || navigator.language);
  const view = mountView(el, { store, outbox, actions, insert, strings, before: savedViews.pop(), signal });
  roots.add(view.root);
  const continueFrom = (/** @type {Conversation} */ before) => {
    store.setPrevious(before.store);
    view.takeOver(before.savedViews.pop());
  };
  recordInCell(view.root, conversation, { continueFrom, signal });
  const leave = () => {
    roots.delete(view.root);
    if (view.savedState) savedViews.push(view.savedState);
    view.root.remove();
  };
  signal.addEventListener("abort", leave, { once: true });
  return controller;
}

/** @type {AnyWidget<{ _snapshot: unknown }>} */
export default () => {
  /** @type {Conversation | undefined} */
  let conversation;
  return {
    initialize({ model, signal }) {
      conversation = openConversation(model, signal);
    },
    render({ el, signal }) {
      if (conversation) showView(conversation, el, signal);
    },
  };
};
