/** Files as they go with a message: of which kinds, how large, and read without waiting for them. */

import { MAX_TEXT_BYTES } from "./messages.js";

/** @import { Attachment } from "./messages.js" */

/** How the files begin that models take besides text, "." for any byte. @type {[RegExp, string][]} */
const MEDIA = [
  [/^\x89PNG/, "image/png"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF.{4}WEBP/s, "image/webp"],
  [/^%PDF/, "application/pdf"],
  [/^RIFF.{4}WAVE/s, "audio/wav"],
  [/^(ID3[^ -~]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, "audio/mpeg"],
];

/** Kinds of sound, by the names that systems have for them. */
const SOUNDS = /^audio\/(vnd\.wave|x-wav|wave?|mpeg|mp3)$/;

/** Documents, workbooks and presentations are archives with one of these files; the kernel reads them. */
const OFFICE = /^PK.*(word\/document|xl\/workbook|ppt\/presentation)\.xml/s;

const ARCHIVE = /^PK[^\s -~]/;

const SAMPLE = 8192;

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
export const isImage = (mime) => /^image\/(png|jpeg|gif|webp)$/.test(mime);

/**
 * @param {File} file
 * @returns {Promise<Attachment | null>} null for a kind that models do not take
 */
export async function readAttachment(file) {
  const start = new Uint8Array(await file.slice(0, SAMPLE).arrayBuffer());
  const mime =
    mimeTypeOf(start, file.type) ?? (OFFICE.test(await file.text()) ? "application/octet-stream" : null);
  return mime === null ? null : { name: file.name, mime, data: await base64Of(file) };
}

/**
 * Names and types may be wrong, so what is in a file decides. Text is decoded in the kernel.
 *
 * @param {Uint8Array} bytes how the file begins
 * @param {string} declared
 */
export function mimeTypeOf(bytes, declared) {
  const start = String.fromCharCode(...bytes);
  const media = MEDIA.find(([beginning]) => beginning.test(start));
  if (media) return media[1];
  if (SOUNDS.test(declared)) return declared;
  return ARCHIVE.test(start) || isBinary(bytes) ? null : "text/plain";
}

/** In UTF-16 every other byte may be zero. @param {Uint8Array} bytes */
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
 * A size as people read it, such as "1.2 MB".
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
