/** Guards for values of unknown type, and combinators for them. */

/** @typedef {(value: unknown) => boolean} Guard */
/** @typedef {{ readonly [key: string]: Guard }} Shape */

/** @type {(value: unknown) => value is string} */
export const isString = (value) => typeof value === "string";

/** @type {Guard} */
export const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/** @type {Guard} */
export const isNumber = (value) => Number.isFinite(value);

/** @type {Guard} */
export const isBoolean = (value) => typeof value === "boolean";

/** @type {(value: unknown) => value is Record<string, unknown>} */
export function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Also accepts undefined, as JupyterLite's kernel passes Python's None on. @type {(guard: Guard) => Guard} */
export const orNull = (guard) => (value) => value === null || value === undefined || guard(value);

/** @type {(guard: Guard) => Guard} */
export const listOf = (guard) => (value) => Array.isArray(value) && value.every(guard);

/** @type {(guard: Guard) => Guard} */
export const mapOf = (guard) => (value) => isRecord(value) && Object.values(value).every(guard);

/** @type {(guard: Guard) => Guard} */
export const optional = (guard) => (value) => value === undefined || guard(value);

/** @type {(...values: string[]) => Guard} */
export const oneOf = (...values) => {
  const known = new Set(values);
  return (value) => isString(value) && known.has(value);
};

/** Accepts objects with all keys of `shape`; other keys are ignored. @type {(shape: Shape) => Guard} */
export const record = (shape) => (value) =>
  isRecord(value) && Object.entries(shape).every(([key, guard]) => guard(value[key]));

/**
 * Return the value of a key, unless the object only inherits it: keys from outside may be "constructor".
 *
 * @type {<T>(values: { readonly [key: string]: T }, key: string) => T | undefined}
 */
export const ownValue = (values, key) => (Object.hasOwn(values, key) ? values[key] : undefined);

/** Accepts objects with any of the keys of `shape`; other keys are ignored. @type {(shape: Shape) => Guard} */
export const partOf = (shape) => (values) =>
  isRecord(values) && Object.keys(values).every((key) => ownValue(shape, key)?.(values[key]) ?? true);

/** Accepts objects whose `key` names one of `shapes`, and that fit it. @type {(key: string, shapes: Shape) => Guard} */
export const unionBy = (key, shapes) => (value) =>
  isRecord(value) && isString(value[key]) && Boolean(ownValue(shapes, value[key])?.(value));

/** @type {(...guards: Guard[]) => Guard} */
export const anyOf =
  (...guards) =>
  (value) =>
    guards.some((guard) => guard(value));
