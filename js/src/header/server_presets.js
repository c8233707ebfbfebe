/** Servers that many people use, by the names they know them under. */

/**
 * @typedef {object} Preset
 * @property {string} name
 * @property {string} base_url
 * @property {boolean} needsKey
 */

/** The addresses are those that each documents for its OpenAI-compatible API. @type {readonly Preset[]} */
export const PRESETS = [
  { name: "OpenAI", base_url: "https://api.openai.com/v1", needsKey: true },
  { name: "OpenRouter", base_url: "https://openrouter.ai/api/v1", needsKey: true },
  { name: "Ollama", base_url: "http://localhost:11434/v1", needsKey: false },
  { name: "LM Studio", base_url: "http://localhost:1234/v1", needsKey: false },
  { name: "llama.cpp", base_url: "http://localhost:8080/v1", needsKey: false },
  { name: "vLLM", base_url: "http://localhost:8000/v1", needsKey: false },
];

/** Where a key travels unseen without TLS: to this computer. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Whether a key for this address could be read on its way.
 *
 * @param {string} url
 */
export function isUnencrypted(url) {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !LOOPBACK.test(hostname);
}
