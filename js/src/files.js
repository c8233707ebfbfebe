/** Files as they go with a message: of which kinds, how large, and read without waiting for them. */

import { MAX_TEXT_BYTES } from "./protocol.js";

/** @import { Attachment } from "./protocol.js" */

/** What models take besides text, by the names that systems have for it. */
const MEDIA = new Map([
  ["image/png", "image/png"],
  ["image/jpeg", "image/jpeg"],
  ["image/gif", "image/gif"],
  ["image/webp", "image/webp"],
  ["application/pdf", "application/pdf"],
  ["audio/wav", "audio/wav"],
  ["audio/wave", "audio/wav"],
  ["audio/x-wav", "audio/wav"],
  ["audio/vnd.wave", "audio/wav"],
  ["audio/mpeg", "audio/mpeg"],
  ["audio/mp3", "audio/mpeg"],
]);

/** Base64 makes four characters of three bytes. @param {number} bytes */
export const encodedSize = (bytes) => 4 * Math.ceil(bytes / 3);

/** How many bytes of files one message carries. */
export const MAX_FILE_BYTES = (MAX_TEXT_BYTES / 4) * 3;

/** @param {Attachment} attachment */
export function decodedSize({ data }) {
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  return (data.length / 4) * 3 - padding;
}

/** @param {string} mime */
export const isImage = (mime) => mime.startsWith("image/") && MEDIA.has(mime);

/**
 * @param {File} file
 * @returns {Promise<Attachment | null>} null for a kind that models do not take
 */
export async function readAttachment(file) {
  const mime = MEDIA.get(file.type) ?? ((await isText(file)) ? "text/plain" : null);
  return mime === null ? null : { name: file.name, mime, data: await base64Of(file) };
}

/** The names of text files are legion, so what is in it decides. @param {File} file */
async function isText(file) {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()).includes("\0");
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/**
 * @param {File} file
 * @returns {Promise<string>}
 */
function base64Of(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error);
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.readAsDataURL(file);
  });
}

/**
 * A size as people read it, such as "1.2 MB".
 *
 * @param {number} bytes
 * @param {string} language
 */
export function sizeText(bytes, language) {
  const isLarge = bytes >= 1e6;
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit: isLarge ? "megabyte" : "kilobyte",
    maximumFractionDigits: 2,
  });
  return format.format(isLarge ? bytes / 1e6 : Math.ceil(bytes / 1e3));
}
