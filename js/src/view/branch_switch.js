/** A switch to another version of a message: the focus follows once the kernel has made it. */

/** @import { ViewMessage } from "../protocol/messages.js" */

/** @typedef {1 | -1} Step */

export class BranchSwitch {
  /** @type {{ position: number, index: number, step: Step } | null} */
  #pending = null;

  /**
   * Expect version `index` in place of a message.
   *
   * @param {number} position of the message in the transcript; its id changes with the version
   * @param {number} index
   * @param {Step} step
   */
  begin(position, index, step) {
    this.#pending = { position, index, step };
  }

  /**
   * Return the message that now shows the expected version, once, and the direction of the switch.
   *
   * @param {readonly ViewMessage[]} shown
   * @returns {{ id: string, step: Step } | null} null until then
   */
  finish(shown) {
    if (!this.#pending) return null;
    const { position, index, step } = this.#pending;
    const message = shown[position];
    if (message?.branch.index !== index) return null;
    this.#pending = null;
    return { id: message.id, step };
  }
}
