// Highlights the words of a query in a passage, ignoring case and accents.
import {html} from "../lib/html.js";

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
// Scripts without spaces between words: terms are looked for inside.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const MAX_SHORT_WORD = 4;
const STOP_WORDS = new Set(["the", "and", "for", "with", "from", "that", "this", "are", "was"]);

/** The terms to highlight: all words with a positive weight. */
export const termsOf = (parts) =>
  [...new Set(parts.filter((each) => each.kind === "words" && each.weight > 0).flatMap((each) => wordsOf(each.value)))];

const wordsOf = (text) =>
  (text.match(WORD) ?? [])
    .map((word) => (UNSPACED.test(word) ? word : fold(word)))
    .filter((word) => UNSPACED.test(word) || (word.length > 2 && !STOP_WORDS.has(word)));

const fold = (word) => word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The text with these terms in <mark>. */
export function highlight(text, terms) {
  if (!terms.length) return text;
  const unspaced = terms.filter((word) => UNSPACED.test(word));
  const matchers = terms.filter((word) => !UNSPACED.test(word)).map(stemMatcher);
  return text.split(/([\p{L}\p{N}\p{M}]+)/u).map((piece, number) => {
    if (number % 2 === 0) return piece;
    if (UNSPACED.test(piece)) return highlightInside(piece, unspaced);
    return matchers.some((matches) => matches(fold(piece))) ? html`<mark>${piece}</mark>` : piece;
  });
}

/** Long words match by a crude stem, short ones only exactly or in the plural. */
function stemMatcher(word) {
  if (word.length <= MAX_SHORT_WORD) return (candidate) => candidate === word || candidate === `${word}s` || candidate === `${word}es` || `${candidate}s` === word;
  const stem = word.replace(/(ies|es|s|ing|ed|y|e)$/, "");
  return (candidate) => candidate.startsWith(stem);
}

const highlightInside = (piece, terms) =>
  terms.length
    ? piece.split(new RegExp(`(${terms.join("|")})`, "u")).map((each, number) => (number % 2 ? html`<mark>${each}</mark>` : each))
    : piece;
