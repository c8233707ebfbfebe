/** Decides when the connect panel is open: while it is needed, when the user asks, and on errors about connecting. */

import { isAboutConnecting } from "../header/connect_panel.js";

/** @import { State } from "../protocol/messages.js" */

export class ConnectFlow {
  #isWanted = false;
  /** The number of the last attempt when this view began one; null once that is over. @type {number | null} */
  #attempts = null;
  /** @type {string | null} */
  #code = null;

  /** Open the panel. */
  open() {
    this.#isWanted = true;
  }

  /** Close the panel if there is a connection to fall back on. */
  cancel() {
    this.#isWanted = false;
    this.#attempts = null;
  }

  /** Expect an attempt to connect that the kernel does not know of yet. @param {Pick<State, "attempt">} state */
  begin({ attempt }) {
    this.#attempts = attempt?.number ?? 0;
  }

  /**
   * Return whether the panel is open and how the connection stands.
   *
   * @param {Pick<State, "attempt" | "connection" | "notice">} state
   * @param {string | null} code of the notice
   * @returns {{ isOpen: boolean, connected: boolean, connecting: boolean, failed: boolean }}
   */
  update({ attempt, connection, notice }, code) {
    if (code !== this.#code && isAboutConnecting(code)) this.#isWanted = true;
    this.#code = code;
    const failed = Boolean(notice);
    const isAwaited = this.#attempts !== null && (attempt?.number ?? 0) <= this.#attempts;
    const connecting = isAwaited || attempt?.pending === true;
    if (this.#attempts !== null && !connecting) {
      this.#attempts = null;
      this.#isWanted = failed;
    }
    const connected = connection.kind !== "none";
    const isOpen = this.#isWanted || !connected || this.#attempts !== null;
    return { isOpen, connected, connecting, failed };
  }
}
