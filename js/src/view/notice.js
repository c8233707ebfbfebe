/** The notice that a view shows for the state of its kernel and its connection. */

import { ownValue } from "../protocol/guards.js";

/** @import { Strings } from "../i18n/strings.js" */
/** @import { Store } from "../state/store.js" */

/** The kernel's English text for a model that will be shut down: its name and the day. */
const MODEL_ENDS = /^(.+) will .+ (\d{4}-\d\d-\d\d)/;

/** What a server has said of an error, in the kernel's English sentence: after the status. */
const SERVERS_WORDS = / \(\d{3}: (.+)\): /s;

/**
 * Return the notice to show, and its code. It is translated if its code is known and the language is not the kernel's.
 *
 * @param {Pick<Store, "kernel" | "state">} store
 * @param {Strings} strings
 * @returns {{ code: string | null, text: string }}
 */
export function noticeOf({ kernel, state }, strings) {
  if (kernel === "none") return { code: null, text: strings.kernelNone };
  if (kernel === "gone") return { code: null, text: strings.kernelGone };
  if (kernel === "silent") return { code: null, text: strings.kernelSilent };
  const { notice, notice_code: code, attempt, connection } = state;
  const ending = code === "model_ends" && MODEL_ENDS.exec(notice ?? "");
  if (ending) return { code, text: strings.models.ends(ending[1] ?? "", ending[2] ?? "") };
  const translate = ownValue(strings.notices, code ?? "");
  const url = attempt?.base_url ?? connection.base_url ?? "";
  if (!translate) return { code, text: notice ?? "" };
  const words = SERVERS_WORDS.exec(notice ?? "")?.[1];
  return { code, text: words ? `${translate(url)} (${words})` : translate(url) };
}
