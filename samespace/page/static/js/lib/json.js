// Lossless JSON: integers beyond 2^53, which a JavaScript number would round, keep their digits.

/** An integer too large for a number: shown, compared and serialized by its digits. */
class ExactInteger {
  constructor(digits) { this.digits = digits; }
  toString() { return this.digits; }
  toJSON() { return `\u0001${this.digits}`; }
}

const MARK = "\u0001";
// Strings are matched as a whole, so that digits inside them are left alone.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** Like JSON.parse. */
export function parseJson(text) {
  if (!LONG.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKENS, (token) => (isUnsafeInteger(token) ? `"\\u0001${token}"` : token));
  return JSON.parse(marked, (_, value) => (typeof value === "string" && isMarked(value) ? new ExactInteger(value.slice(1)) : value));
}

const isUnsafeInteger = (token) => INTEGER.test(token) && !Number.isSafeInteger(Number(token));
const isMarked = (value) => value[0] === MARK && INTEGER.test(value.slice(1));

/** Like JSON.stringify. */
export const stringifyJson = (value) => JSON.stringify(value).replace(/"\\u0001(-?\d+)"/g, "$1");
