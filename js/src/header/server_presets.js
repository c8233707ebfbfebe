/** Well-known servers and their addresses. */

/**
 * @typedef {object} Preset
 * @property {string} name
 * @property {string} base_url
 * @property {boolean} needsKey
 * @property {string} [keys] the page on which the service creates keys
 */

/** The addresses that each service documents for its OpenAI-compatible API. @type {readonly Preset[]} */
export const PRESETS = [
  {
    name: "OpenAI",
    base_url: "https://api.openai.com/v1",
    needsKey: true,
    keys: "https://platform.openai.com/api-keys",
  },
  {
    name: "Anthropic",
    base_url: "https://api.anthropic.com/v1",
    needsKey: true,
    keys: "https://platform.claude.com/settings/keys",
  },
  {
    name: "Google",
    base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
    needsKey: true,
    keys: "https://aistudio.google.com/apikey",
  },
  {
    name: "Mistral",
    base_url: "https://api.mistral.ai/v1",
    needsKey: true,
    keys: "https://console.mistral.ai/api-keys",
  },
  {
    name: "OpenRouter",
    base_url: "https://openrouter.ai/api/v1",
    needsKey: true,
    keys: "https://openrouter.ai/settings/keys",
  },
  { name: "Ollama", base_url: "http://localhost:11434/v1", needsKey: false },
  { name: "LM Studio", base_url: "http://localhost:1234/v1", needsKey: false },
  { name: "llama.cpp", base_url: "http://localhost:8080/v1", needsKey: false },
  { name: "vLLM", base_url: "http://localhost:8000/v1", needsKey: false },
];

/** Hosts on this computer: a key cannot be read on its way there, even without TLS. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Return true if others on the network could read a key sent to this address.
 *
 * @param {string} url
 */
export function isUnencrypted(url) {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !LOOPBACK.test(hostname);
}
