// Strips Markdown syntax from passages in results; the document view shows the source.

const RULES = [
  [/^[ \t]*(```|~~~).*$\n?/gm, ""],
  [/^[ \t]*(?:>[ \t]?)+/gm, ""],
  [/^[ \t]*#{1,6}[ \t]+(.*?)[ \t]*#*$/gm, "$1"],
  [/^([ \t]*)[-*+][ \t]+/gm, "$1• "],
  [/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1"],
  [/(\*\*|__)(?=\S)([^\n]*?\S)\1/g, "$2"],
  [/`([^`\n]+)`/g, "$1"],
];

/** The text without Markdown syntax; other media types stay as they are. */
export const plainText = (text, mediaType) =>
  (mediaType === "text/markdown" ? RULES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text) : text);
