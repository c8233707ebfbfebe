/** The widget as anywidget loads it: one conversation per model, shared by all its views. */

import { startTimer } from "./dom/timer.js";
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

/** @typedef {AnyModel<{ snapshot: unknown }>} Model */

/** Milliseconds of silence at the beginning after which no message may be getting through. */
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
 * @param {Model} model
 * @param {AbortSignal} signal
 * @returns {Conversation}
 */
function openConversation(model, signal) {
  const value = model.get("snapshot");
  const saved = fromSavedState(value);
  const store = new Store(saved ?? (isSnapshot(value) ? value : emptySnapshot()));
  /** @type {unknown} */
  let widget;
  model.on("change:snapshot", (/** @type {unknown} */ changed) => {
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
  let isUnheard = true;

  model.on("msg:custom", (content) => {
    isUnheard = false;
    delivery.noteAnswer();
    if (!receive(content) && !delivery.receive(content)) sync.receive(content);
  });
  if (saved) {
    store.setKernel("none");
    return { store, outbox, actions, insert, roots, savedViews: [] };
  }
  // ipywidgets tells it of a kernel that restarts or ends; the others are known by their silence.
  model.on("comm_live_update", () => sync.check());
  sync.start();
  syncMarkdownOutputs(model.widget_manager, {
    store,
    isShown: () => roots.size > 0,
    refresh: () => void delivery.put({ type: "outputs" }),
    signal,
  });
  startTimer(SILENCE_LIMIT, () => isUnheard && listenToComm(widget) && sync.start(), signal);
  return { store, outbox, actions, insert, roots, savedViews: [] };
}

/**
 * Have the notebook save what the store has. The kernel's own value takes this one's place when it is asked for again.
 *
 * @param {Model} model
 * @param {Store} store
 */
function publishSavedState(model, store) {
  const form = toSavedState(store);
  const publish = () => {
    if (model.get("snapshot") !== form) model.set("snapshot", form);
  };
  publish();
  model.on("change:snapshot", publish);
}

/**
 * A closed comm throws. What matters is sent again by those who wait for an answer, and shown when none comes.
 *
 * @param {Model} model
 * @returns {(command: Command) => boolean} whether it could be sent
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
 * A view for as long as the signal lasts; another one when the language changes.
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
 * @param {Conversation} conversation
 * @param {HTMLElement} el
 * @param {AbortSignal} outer
 * @returns {AbortController} ends the view before its time
 */
function mountOnce({ store, outbox, actions, insert, roots, savedViews }, el, outer) {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);
  const strings = stringsFor(store.state.look.locale || document.documentElement.lang || navigator.language);
  const view = mountView(el, { store, outbox, actions, insert, strings, before: savedViews.pop(), signal });
  roots.add(view.root);
  const leave = () => {
    roots.delete(view.root);
    if (view.savedState) savedViews.push(view.savedState);
    view.root.remove();
  };
  signal.addEventListener("abort", leave, { once: true });
  return controller;
}

/** @type {AnyWidget<{ snapshot: unknown }>} */
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
