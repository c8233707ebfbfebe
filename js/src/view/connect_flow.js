/** Decides when the connect panel is open: as long as it is needed, asked for, or an error is about connecting. */

import { isAboutConnecting } from "../header/connect_panel.js";

/** @import { State } from "../protocol/messages.js" */

export class ConnectFlow {
  #isWanted = false;
  /** How many attempts there were when one was begun here, until that is over. @type {number | null} */
  #attempts = null;
  /** @type {string | null} */
  #code = null;

  /** Open the panel. */
  open() {
    this.#isWanted = true;
  }

  /** Close the panel, if there is a connection to go on with. */
  cancel() {
    this.#isWanted = false;
    this.#attempts = null;
  }

  /** Expect an attempt to connect that the kernel has yet to hear of. @param {Pick<State, "attempt">} state */
  begin({ attempt }) {
    this.#attempts = attempt?.number ?? 0;
  }

  /**
   * Follow the state.
   *
   * @param {Pick<State, "attempt" | "connection" | "notice">} state
   * @param {string | null} code what the notice is about
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
