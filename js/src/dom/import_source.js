/** Importing modules that arrive as text. */

/**
 * Import a module from its source.
 *
 * @template T
 * @param {string} source
 * @returns {Promise<T>}
 */
export async function importSource(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
