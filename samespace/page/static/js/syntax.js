// Queries as they are typed, read as the command line reads them: `2:red car + sunset - "text overlay"`.
import {words} from "./query.js";

const WEIGHTED = /^(\d+(?:\.\d+)?):([^]*)$/;

/** The parts that were typed, or the problem with them, in the words of the command line. */
export function parseTyped(text) {
  try {
    return {parts: parseWords(splitWords(text)), problem: ""};
  } catch (error) {
    if (!(error instanceof Unclear)) throw error;
    return {parts: [], problem: error.message};
  }
}

class Unclear extends Error {}

/** As a shell splits them, but for apostrophes, which belong to words, and a quote that nothing closes. */
const splitWords = (text) =>
  (text.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) => word.replace(/"([^"]*)"/g, "$1"));

function parseWords(typed) {
  const parts = [];
  let sign = 1;
  let isFresh = true;
  typed.forEach((word, position) => {
    if (isSeparator(word)) {
      checkSeparator(typed, position);
      sign = word === "+" ? 1 : -1;
      isFresh = true;
      return;
    }
    const {value, weight} = parseWord(word);
    if (isFresh || weight !== null) parts.push(words(value, sign * (weight ?? 1)));
    else parts.push(joined(parts.pop(), value));
    isFresh = false;
  });
  return parts;
}

const isSeparator = (word) => word === "+" || word === "-";
const joined = (part, value) => words(`${part.value} ${value}`, part.weight);

function checkSeparator(typed, position) {
  const following = typed[position + 1];
  if (following === undefined || isSeparator(following)) {
    throw new Unclear(`nothing follows the ${quoted(typed[position])} at place ${position + 1}`);
  }
}

function parseWord(word) {
  const [, weight = null, value = word] = word.match(WEIGHTED) ?? [];
  if (!value.trim()) throw new Unclear(`${quoted(word)} is empty: words or the path of a picture are missing`);
  return {value, weight: weight === null ? null : Number(weight)};
}

const quoted = (word) => (word.includes("'") ? `"${word}"` : `'${word}'`);

/** Words with their weight as they would be typed. */
export function typedOf({value, weight}) {
  const quotes = /\s[+-]\s|^[+-]$|\d:/.test(value) ? '"' : "";
  const size = Math.abs(weight);
  return `${weight < 0 ? "- " : ""}${size === 1 ? "" : `${size}:`}${quotes}${value}${quotes}`;
}
