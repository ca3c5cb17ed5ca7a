// Parser of typed queries, the same as that of the command line: `2:red car + sunset - "text overlay"`.
import {textPart} from "./query.js";

// The same patterns as in search/syntax.py, which explains them; both are tested against one table of cases.
const WEIGHT_FORMS = [
  /^([0-9]{1,4}(?:\.[0-9]+)?)::([^]*)$/u,
  /^(?!1:)((?:[1-9][0-9]{0,2}|0(?=\.[0-9]*[1-9]))(?:\.[0-9]+)?):(?=[^\s\p{Nd}:][^\s:]*(?:\s|$))([^]*)$/u,
];

/** {parts, problem}: the parsed parts, or a message as the command line has it. */
export function parseQuery(text) {
  try {
    return {parts: parseTokens(tokenize(text)), problem: ""};
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    return {parts: [], problem: error.message};
  }
}

class QuerySyntaxError extends Error {}

/** Splits as a shell does, except that apostrophes belong to words and an unclosed quote is literal. */
const tokenize = (text) =>
  (text.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) => word.replace(/"([^"]*)"/g, "$1"));

function parseTokens(tokens) {
  const parts = [];
  let sign = 1;
  let startsPart = true;
  tokens.forEach((word, position) => {
    if (isSeparator(word)) {
      checkSeparator(tokens, position);
      sign = word === "+" ? 1 : -1;
      startsPart = true;
      return;
    }
    const {value, weight} = parseToken(word);
    if (startsPart || weight !== null) parts.push(textPart(value, sign * (weight ?? 1)));
    else parts.push(appendWords(parts.pop(), value));
    startsPart = false;
  });
  return parts;
}

const isSeparator = (word) => word === "+" || word === "-";
const appendWords = (part, value) => textPart(`${part.value} ${value}`, part.weight);

function checkSeparator(tokens, position) {
  const next = tokens[position + 1];
  if (next === undefined || isSeparator(next)) {
    throw new QuerySyntaxError(`nothing follows the ${quote(tokens[position])} at place ${position + 1}`);
  }
}

function parseToken(word) {
  const [, weight = null, value = word] = matchWeight(word) ?? [];
  if (!value.trim()) throw new QuerySyntaxError(`${quote(word)} is empty: words or the path of a picture are missing`);
  return {value, weight: weight === null ? null : Number(weight)};
}

const matchWeight = (word) => WEIGHT_FORMS.map((form) => word.match(form)).find(Boolean);

const quote = (word) => (word.includes("'") ? `"${word}"` : `'${word}'`);

/** A part as one would type it. */
export function formatPart({value, weight}) {
  const quotes = /\s[+-]\s|^[+-]$|\d:|^\s|\s\s|\s$/.test(value) ? '"' : "";
  return `${weight < 0 ? "- " : ""}${weightPrefix(value, Math.abs(weight))}${quotes}${value}${quotes}`;
}

/** The weight as a prefix: none if it is 1, `2::` where `2:` would be parsed as words. */
function weightPrefix(value, weight) {
  if (weight === 1 && !matchWeight(value)) return "";
  return matchWeight(`${weight}:${value}`)?.[2] === value ? `${weight}:` : `${weight}::`;
}
