/**
 * The module that the model of each chat carries in place of the whole view.
 *
 * The view is in a model that all chats of a kernel share, so that a notebook saves it once; a page imports it once.
 */

import { importSource } from "./dom/import_source.js";
import { viewMissing } from "./i18n/view_missing.js";
import { LazyModules } from "./kernel/lazy_modules.js";

/** @import { AnyModel, AnyWidget, Initialize, Render } from "@anywidget/types" */

/** @typedef {AnyModel<any>} Model */
/** @typedef {{ initialize: Initialize<any>, render: Render<any> }} Widget */
/** @typedef {{ default: () => Widget, css: string }} View */

/** Milliseconds until the shared model is given up. A front end may wait for ever for one that never comes. */
const PATIENCE = 2000;

/** The front of a reference to a model in the state of another. */
const REFERENCE = "IPY_MODEL_";

/** The views that this page has imported, by their sources. All copies of this module use the same map. */
const REGISTRY = Symbol.for("chatwidget.views");

/**
 * Import the view of a chat, unless the page has it.
 *
 * @param {Model} model
 * @param {AbortSignal} signal
 * @returns {Promise<View>}
 */
async function loadView(model, signal) {
  // Without a shared model, for whatever reason, the kernel sends what it holds.
  const source = await sharedSource(model).catch(() => requestSource(model, signal));
  /** @type {Map<string, Promise<View>>} */
  const views = Reflect.get(globalThis, REGISTRY) ?? new Map();
  Reflect.set(globalThis, REGISTRY, views);
  const view = views.get(source) ?? importView(source);
  views.set(source, view);
  return view;
}

/**
 * @param {string} source
 * @returns {Promise<View>}
 */
async function importView(source) {
  /** @type {View} */
  const view = await importSource(source);
  const style = document.createElement("style");
  style.textContent = view.css;
  document.head.append(style);
  return view;
}

/**
 * @param {Model} model
 * @returns {Promise<string>}
 */
async function sharedSource(model) {
  const id = String(model.get("_code")).replace(REFERENCE, "");
  const found = model.widget_manager.get_model(id);
  const limit = new Promise((_, reject) => setTimeout(reject, PATIENCE));
  const bytes = atob((await Promise.race([found, limit])).get("source"));
  const zipped = new Blob([Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))]);
  return new Response(zipped.stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/**
 * @param {Model} model
 * @param {AbortSignal} signal
 */
function requestSource(model, signal) {
  // A saved state, which the view writes in this form, has no kernel that could answer.
  if (model.get("_snapshot")?.json) throw new Error("no-kernel");
  const modules = new LazyModules({ send: (command) => model.send(command), signal });
  model.on("msg:custom", (content) => content?.type === "resource" && modules.receive(content));
  return modules.get("view");
}

/** @type {AnyWidget<any>} */
export default () => {
  /** @type {Promise<Widget>} */
  let opened;
  return {
    // Returns at once: until then anywidget holds back all messages, after two seconds for ever.
    initialize(context) {
      opened = loadView(context.model, context.signal).then(async (view) => {
        const widget = view.default();
        await widget.initialize(context);
        return widget;
      });
      opened.catch((error) => console.warn("chatwidget: the view was not loaded", error));
    },
    async render(context) {
      const widget = await opened.catch(() => null);
      if (widget) await widget.render(context);
      else context.el.textContent = viewMissing(document.documentElement.lang || navigator.language);
    },
  };
};
