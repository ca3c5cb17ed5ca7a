// A query is a row of weighted parts: words, stored items, pictures. Each is kept in the address as one `p`.

/** A part: `kind` is words, item or picture; `value` the words, the item's id, or the picture's name here. */
export const words = (value, weight = 1) => ({kind: "words", value, weight});
export const item = (value, weight, document, name, isPicture) =>
  ({kind: "item", value, weight, document, name, isPicture});
export const picture = (value, weight, name) => ({kind: "picture", value, weight, name});

const TOKENS = /(?:(\d+(?:\.\d+)?):(?!\/\/))?(?:"([^"]*)"|(\S+))/g;

/** The parts that were typed, in the syntax of the command line: `2:red car + sunset - "text overlay"`. */
export function parseTyped(text) {
  const parts = [];
  let sign = 1;
  let fresh = true;
  for (const [, weight, quoted, bare] of text.matchAll(TOKENS)) {
    if (!weight && (bare === "+" || bare === "-")) {
      sign = bare === "+" ? 1 : -1;
      fresh = true;
      continue;
    }
    const value = quoted ?? bare;
    if (fresh || weight) {
      parts.push(words(value, sign * Number(weight ?? 1)));
      fresh = false;
    } else {
      const last = parts.pop();
      parts.push(words(`${last.value} ${value}`, last.weight));
    }
  }
  return parts.filter((each) => each.value.trim());
}

/** Whether typed words say more than words: a weight, or more than one part. */
export const isComposed = (parts) => parts.length > 1 || (parts.length === 1 && parts[0].weight !== 1);

/** A part as a parameter of the address, and back. */
export const writePart = (each) =>
  JSON.stringify([each.kind[0], each.weight, each.value, ...(each.kind === "words" ? [] : [each.name ?? "", each.document ?? "", each.isPicture ? 1 : 0])]);

export function readPart(text) {
  try {
    const [kind, weight, value, name, document, isPicture] = JSON.parse(text);
    if (typeof value !== "string" || !Number.isFinite(weight)) return null;
    if (kind === "w") return words(value, weight);
    if (kind === "i") return item(value, weight, document, name, Boolean(isPicture));
    return kind === "p" ? picture(value, weight, name) : null;
  } catch {
    return null;
  }
}

/** The body of a search for these parts, as the API has it; pictures are numbered in their order. */
export function searchBody(parts, {targets, filter, limit}) {
  let pictures = 0;
  const wanted = parts.map((each) => {
    if (each.kind === "words") return {text: each.value, weight: each.weight};
    if (each.kind === "item") return {item: each.value, weight: each.weight};
    return {image_file: pictures++, weight: each.weight};
  });
  return {parts: wanted, limit, ...(targets ? {targets: [targets]} : {}), ...(filter ? {filter} : {})};
}

/** The words whose occurrences in a passage are marked: those that pull. */
export const markedWords = (parts) =>
  parts.filter((each) => each.kind === "words" && each.weight > 0)
    .flatMap((each) => each.value.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []);
