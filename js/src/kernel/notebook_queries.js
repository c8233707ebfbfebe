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
  /** In the order in which they are answered. @type {Map<string, (preview: PreviewMessage) => void>} */
  const previewing = new Map();

  return {
    queries: {
      names: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
          send({ type: "complete" });
        }),
      preview: (text, whole) =>
        new Promise((resolve) => {
          const id = newId();
          previewing.set(id, resolve);
          send({ type: "preview", id, text, whole });
        }),
    },
    receive(content) {
      if (content.type === "names") {
        const resolved = waiting;
        waiting = [];
        for (const resolve of resolved) resolve(content.names);
      } else if (previewing.has(content.id)) {
        previewing.get(content.id)?.(content);
        for (const id of previewing.keys()) {
          previewing.delete(id);
          // Those before it were lost.
          if (id === content.id) break;
        }
      }
    },
  };
}
