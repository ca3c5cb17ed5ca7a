// JSON whose whole numbers keep their digits: past 2^53 a number of this language would be its neighbour.

/** A whole number that is no number here: shown, compared and sent on by its digits. */
class Whole {
  constructor(digits) { this.digits = digits; }
  toString() { return this.digits; }
  toJSON() { return `\u0001${this.digits}`; }
}

const MARK = "\u0001";
// Texts are taken whole, so that digits in them are none.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG = /\d{16}/;
const WHOLE = /^-?\d+$/;

/** The value of a JSON text. */
export function readExact(text) {
  if (!LONG.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKENS, (token) => (isLong(token) ? `"\\u0001${token}"` : token));
  return JSON.parse(marked, (_, value) => (typeof value === "string" && isMarked(value) ? new Whole(value.slice(1)) : value));
}

const isLong = (token) => WHOLE.test(token) && !Number.isSafeInteger(Number(token));
const isMarked = (value) => value[0] === MARK && WHOLE.test(value.slice(1));

/** The JSON text of a value. */
export const writeExact = (value) => JSON.stringify(value).replace(/"\\u0001(-?\d+)"/g, "$1");
