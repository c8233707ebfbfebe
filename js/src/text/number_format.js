/** Numbers as a language writes them. */

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
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
 * Dollars: cents, and of less than one the digits that count.
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
 * @param {number} value
 * @param {string} language
 */
export function formatSeconds(value, language) {
  const whole = Math.round(value);
  if (whole < 60) return `${formatNumber(value, language, { maximumFractionDigits: value < 10 ? 1 : 0 })} s`;
  const rest = whole % 60 === 0 ? "" : ` ${whole % 60} s`;
  return `${formatNumber(Math.floor(whole / 60), language)} min${rest}`;
}
