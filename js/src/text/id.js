/** Unlike `crypto.randomUUID`, this works on a notebook server reached over plain http, too. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
