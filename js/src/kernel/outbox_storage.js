/** Unconfirmed submissions, kept by the browser tab across a reload. Nothing else is stored. */

/** @import { Attachment } from "../protocol/messages.js" */

/**
 * A question, or with `of` a new version of one. An edit without attachments keeps
 * those of the old version.
 *
 * @typedef {{ of?: string, text: string, attachments?: Attachment[] }} Submission
 */
/** @typedef {Submission & { id: string, lost: boolean, queued?: boolean }} PendingSubmission queued: by the kernel */

/** The stored submissions of one chat. */
export class OutboxStorage {
  #storage;
  #name;

  /**
   * @param {() => Storage} storage throws on hosts without one
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

  /**
   * Store the submissions, or none if they exceed the quota.
   *
   * @param {PendingSubmission[]} entries
   * @returns {boolean} true if a reload does not lose them
   */
  write(entries) {
    try {
      this.#storage().removeItem(this.#name);
      if (entries.length > 0) this.#storage().setItem(this.#name, JSON.stringify(entries));
      return true;
    } catch {
      return false;
    }
  }
}
