/** Return a random id. Unlike `crypto.randomUUID`, this also works on a notebook server reached over plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
