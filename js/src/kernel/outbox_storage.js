/** What a person sent and the kernel has not confirmed, kept by the tab until the page is loaded anew. Nothing else is. */

/** @import { Attachment } from "../protocol/messages.js" */

/**
 * What a person wrote: a question, or, with `of`, a new version of one. An edit without attachments keeps
 * those of the old version.
 *
 * @typedef {{ of?: string, text: string, attachments?: Attachment[] }} Written
 */
/** @typedef {Written & { id: string, lost: boolean }} Sending */

export class Unsent {
  #storage;
  #name;

  /**
   * @param {() => Storage} storage not every host has one
   * @param {string} channel of the chat
   */
  constructor(storage, channel) {
    this.#storage = storage;
    this.#name = `${channel}-unsent`;
  }

  /** @returns {Sending[]} */
  read() {
    try {
      const kept = JSON.parse(this.#storage().getItem(this.#name) ?? "[]");
      return kept.filter(
        (/** @type {any} */ each) => typeof each?.id === "string" && typeof each.text === "string",
      );
    } catch {
      return [];
    }
  }

  /** Files may be more than there is room for. @param {Sending[]} sendings */
  write(sendings) {
    try {
      this.#storage().removeItem(this.#name);
      if (sendings.length > 0) this.#storage().setItem(this.#name, JSON.stringify(sendings));
    } catch {
      // They are lost with the page, then.
    }
  }
}
