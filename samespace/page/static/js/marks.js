// The words of a query marked in a passage.
import {html} from "./html.js";

/** The text with every word marked that begins like one of these. */
export function marked(text, wanted) {
  if (!wanted.length) return text;
  const stems = wanted.map((word) => (word.length > 4 ? word.replace(/(ies|es|s|ing|ed)$/, "") : word));
  return text.split(/([\p{L}\p{N}]+)/u).map((piece, number) =>
    number % 2 && stems.some((stem) => piece.toLowerCase().startsWith(stem)) ? html`<mark>${piece}</mark>` : piece);
}
