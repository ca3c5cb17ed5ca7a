// Queries as they are typed, read as the command line reads them: `2:red car + sunset - "text overlay"`.
import {words} from "./query.js";

// The same two forms as in search/syntax.py, which says why; one table of cases holds both to it.
const WEIGHTED = [
  /^([0-9]{1,4}(?:\.[0-9]+)?)::([^]*)$/u,
  /^(?!1:)((?:[1-9][0-9]{0,2}|0(?=\.[0-9]*[1-9]))(?:\.[0-9]+)?):(?=[^\s\p{Nd}:][^\s:]*(?:\s|$))([^]*)$/u,
];

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
  const [, weight = null, value = word] = weighted(word) ?? [];
  if (!value.trim()) throw new Unclear(`${quoted(word)} is empty: words or the path of a picture are missing`);
  return {value, weight: weight === null ? null : Number(weight)};
}

const weighted = (word) => WEIGHTED.map((form) => word.match(form)).find(Boolean);

const quoted = (word) => (word.includes("'") ? `"${word}"` : `'${word}'`);

/** Words with their weight as they would be typed. */
export function typedOf({value, weight}) {
  const quotes = /\s[+-]\s|^[+-]$|\d:|^\s|\s\s|\s$/.test(value) ? '"' : "";
  return `${weight < 0 ? "- " : ""}${prefixOf(value, Math.abs(weight))}${quotes}${value}${quotes}`;
}

/** The weight in front of these words: none where it is 1, in the sure form where the short one would be read as words. */
function prefixOf(value, size) {
  if (size === 1 && !weighted(value)) return "";
  return weighted(`${size}:${value}`)?.[2] === value ? `${size}:` : `${size}::`;
}
