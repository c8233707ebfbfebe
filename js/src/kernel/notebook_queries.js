/** Queries about the notebook while a question is written. A lost answer does no harm: the next key asks again. */

import { newId } from "../text/id.js";

/** @import { Command, Name, NamesMessage, PreviewMessage } from "../protocol/messages.js" */

/**
 * @typedef {object} NotebookQueries
 * @property {() => Promise<Name[]>} names the variables that can be mentioned
 * @property {(text: string, whole: boolean) => Promise<PreviewMessage>} preview the context of a question
 */

/**
 * Create the queries, and the receiver of their answers.
 *
 * @param {object} options
 * @param {(command: Command) => void} options.send
 * @returns {{ queries: NotebookQueries, receive: (content: NamesMessage | PreviewMessage) => void }}
 */
export function createNotebookQueries({ send }) {
  /** @type {((names: Name[]) => void)[]} */
  let waiting = [];
  /** Only the last preview is awaited. @type {{ id: string, resolve: (preview: PreviewMessage) => void } | null} */
  let previewing = null;

  return {
    queries: {
      names: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
          send({ type: "complete" });
        }),
      preview: (text, whole) =>
        new Promise((resolve) => {
          previewing = { id: newId(), resolve };
          send({ type: "preview", id: previewing.id, text, whole });
        }),
    },
    receive(content) {
      if (content.type === "names") {
        const resolved = waiting;
        waiting = [];
        for (const resolve of resolved) resolve(content.names);
      } else if (content.id === previewing?.id) {
        previewing.resolve(content);
        previewing = null;
      }
    },
  };
}
