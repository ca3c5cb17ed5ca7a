// A passage of Markdown as its words: a result shows what is said, the document shows how it was written.

const SIGNS = [
  [/^[ \t]*(```|~~~).*$\n?/gm, ""],
  [/^[ \t]*(?:>[ \t]?)+/gm, ""],
  [/^[ \t]*#{1,6}[ \t]+(.*?)[ \t]*#*$/gm, "$1"],
  [/^([ \t]*)[-*+][ \t]+/gm, "$1• "],
  [/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1"],
  [/(\*\*|__)(?=\S)([^\n]*?\S)\1/g, "$2"],
  [/`([^`\n]+)`/g, "$1"],
];

/** The text as a person reads it; what is no Markdown stays as it is. */
export const readable = (text, mediaType) =>
  (mediaType === "text/markdown" ? SIGNS.reduce((left, [sign, words]) => left.replace(sign, words), text) : text);
