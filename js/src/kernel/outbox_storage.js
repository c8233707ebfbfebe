/** What a person sent and the kernel has not confirmed, kept by the tab until the page is loaded anew. Nothing else is. */

/** @import { Attachment } from "../protocol/messages.js" */

/**
 * What a person wrote: a question, or, with `of`, a new version of one. An edit without attachments keeps
 * those of the old version.
 *
 * @typedef {{ of?: string, text: string, attachments?: Attachment[] }} Submission
 */
/** @typedef {Submission & { id: string, lost: boolean }} PendingSubmission */

export class OutboxStorage {
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

  /** @returns {PendingSubmission[]} */
  read() {
    try {
      const entries = JSON.parse(this.#storage().getItem(this.#name) ?? "[]");
      return entries.filter(
        (/** @type {any} */ entry) => typeof entry?.id === "string" && typeof entry.text === "string",
      );
    } catch {
      return [];
    }
  }

  /** Files may be more than there is room for. @param {PendingSubmission[]} entries */
  write(entries) {
    try {
      this.#storage().removeItem(this.#name);
      if (entries.length > 0) this.#storage().setItem(this.#name, JSON.stringify(entries));
    } catch {
      // They are lost with the page, then.
    }
  }
}
