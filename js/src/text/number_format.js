/** Numbers in the notation of a language. */

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * Return a number as text.
 *
 * @param {number} value
 * @param {string} language
 * @param {Intl.NumberFormatOptions} [options]
 */
export function formatNumber(value, language, options = { maximumFractionDigits: 0 }) {
  const key = `${language} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language, options);
  formats.set(key, format);
  return format.format(value);
}

/**
 * Return dollars as text, to the cent; amounts below one cent to two significant digits.
 *
 * @param {number} value
 * @param {string} language
 */
export function formatMoney(value, language) {
  const digits =
    value > 0 && value < 0.01 ? { minimumSignificantDigits: 2, maximumSignificantDigits: 2 } : {};
  return formatNumber(value, language, {
    style: "currency",
    currency: "usd",
    currencyDisplay: "narrowSymbol",
    ...digits,
  });
}

/**
 * Return a time as text, to a tenth of a second, from a minute on in minutes and seconds.
 *
 * @param {number} value
 * @param {string} language
 * @returns {string}
 */
export function formatSeconds(value, language) {
  if (value < 0.05) return `<${formatSeconds(0.1, language)}`;
  const whole = Math.round(value);
  if (whole < 60) return `${formatNumber(value, language, { maximumFractionDigits: value < 10 ? 1 : 0 })} s`;
  const rest = whole % 60 === 0 ? "" : ` ${whole % 60} s`;
  return `${formatNumber(Math.floor(whole / 60), language)} min${rest}`;
}
