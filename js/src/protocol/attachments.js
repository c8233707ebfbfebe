/** Files attached to a message: their types, their sizes, and how they are read. */

import { MAX_TEXT_BYTES } from "./messages.js";

/** @import { Attachment } from "./messages.js" */

/** The first bytes of files that models accept besides text, "." for any byte. @type {[RegExp, string][]} */
const MEDIA = [
  [/^\x89PNG/, "image/png"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF.{4}WEBP/s, "image/webp"],
  [/^%PDF/, "application/pdf"],
  [/^RIFF.{4}WAVE/s, "audio/wav"],
  [/^(ID3[^ -~]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, "audio/mpeg"],
];

/** MIME types of sounds, under the names that systems use. */
const SOUNDS = /^audio\/(vnd\.wave|x-wav|wave?|mpeg|mp3)$/;

/** Office documents are archives with one of these files; the kernel extracts their text. */
const OFFICE = /^PK.*(word\/document|xl\/workbook|ppt\/presentation)\.xml/s;

const ARCHIVE = /^PK[^\s -~]/;

const SAMPLE = 8192;

/** Return the length of base64: four characters for three bytes. @param {number} bytes */
export const encodedSize = (bytes) => 4 * Math.ceil(bytes / 3);

/** The most bytes of files in one message. */
export const MAX_FILE_BYTES = (MAX_TEXT_BYTES / 4) * 3;

/** Return the size of a file in bytes. @param {Attachment} attachment */
export function decodedSize({ data }) {
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  return (data.length / 4) * 3 - padding;
}

/** Return true for image types that models and browsers share. @param {string} mime */
export const isImage = (mime) => /^image\/(png|jpeg|gif|webp)$/.test(mime);

/**
 * Read a file.
 *
 * @param {File} file
 * @returns {Promise<Attachment | null>} null for a type that models do not accept
 */
export async function readAttachment(file) {
  const start = new Uint8Array(await file.slice(0, SAMPLE).arrayBuffer());
  const mime =
    mimeTypeOf(start, file.type) ?? (OFFICE.test(await file.text()) ? "application/octet-stream" : null);
  return mime === null ? null : { name: file.name, mime, data: await base64Of(file) };
}

/**
 * Return the type of a file by its content, as names and declared types may be wrong. The kernel decodes text.
 *
 * @param {Uint8Array} bytes of its beginning
 * @param {string} declared
 */
export function mimeTypeOf(bytes, declared) {
  const start = String.fromCharCode(...bytes);
  const media = MEDIA.find(([beginning]) => beginning.test(start));
  if (media) return media[1];
  if (SOUNDS.test(declared)) return declared;
  return ARCHIVE.test(start) || isBinary(bytes) ? null : "text/plain";
}

/** Return true if bytes are not text. In UTF-16 every other byte may be zero. @param {Uint8Array} bytes */
function isBinary(bytes) {
  const [first = 0, second = 0] = bytes;
  if (first + second === 0x1fd && Math.abs(first - second) === 1) return false;
  const zeros = (/** @type {number} */ parity) => bytes.some((byte, at) => byte === 0 && at % 2 === parity);
  return zeros(0) && zeros(1);
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
 * Return a size as text, such as "1.2 MB".
 *
 * @param {number} bytes
 * @param {string} language
 */
export function formatSize(bytes, language) {
  const isLarge = bytes >= 1e6;
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit: isLarge ? "megabyte" : "kilobyte",
    maximumFractionDigits: 2,
  });
  return format.format(isLarge ? bytes / 1e6 : Math.ceil(bytes / 1e3));
}
