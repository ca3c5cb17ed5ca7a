// The words of a query marked in a passage, whatever their case and accents.
import {html} from "../lib/html.js";

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
// Scripts that put no space between words: what is asked for is looked for inside.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const SHORT = 4;
// Found in every passage, and telling nothing about it.
const EVERYWHERE = new Set(["the", "and", "for", "with", "from", "that", "this", "are", "was"]);

/** What is marked for these parts of a query: the words that pull. */
export const markedWords = (parts) =>
  [...new Set(parts.filter((each) => each.kind === "words" && each.weight > 0).flatMap((each) => wordsOf(each.value)))];

const wordsOf = (text) =>
  (text.match(WORD) ?? [])
    .map((word) => (UNSPACED.test(word) ? word : folded(word)))
    .filter((word) => UNSPACED.test(word) || (word.length > 2 && !EVERYWHERE.has(word)));

const folded = (word) => word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The text with these words marked. */
export function marked(text, wanted) {
  if (!wanted.length) return text;
  const unspaced = wanted.filter((word) => UNSPACED.test(word));
  const stems = wanted.filter((word) => !UNSPACED.test(word)).map(stemOf);
  return text.split(/([\p{L}\p{N}\p{M}]+)/u).map((piece, number) => {
    if (number % 2 === 0) return piece;
    if (UNSPACED.test(piece)) return markedInside(piece, unspaced);
    return stems.some((fits) => fits(folded(piece))) ? html`<mark>${piece}</mark>` : piece;
  });
}

/** Long words are found by their beginning (`cats` by `cat`), short ones only as they are or in the plural. */
function stemOf(word) {
  if (word.length <= SHORT) return (other) => other === word || other === `${word}s` || other === `${word}es` || `${other}s` === word;
  const stem = word.replace(/(ies|es|s|ing|ed|y|e)$/, "");
  return (other) => other.startsWith(stem);
}

const markedInside = (piece, wanted) =>
  wanted.length
    ? piece.split(new RegExp(`(${wanted.join("|")})`, "u")).map((each, number) => (number % 2 ? html`<mark>${each}</mark>` : each))
    : piece;
