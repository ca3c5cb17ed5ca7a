// A query is a row of weighted parts: words, stored items, pictures. Each is kept in the address as one `p`.

/** A part: `kind` is words, item or picture; `value` the words, the item's id, or the picture's name here. */
export const words = (value, weight = 1) => ({kind: "words", value, weight});
export const item = (value, weight, document, name, isPicture, hash = "") =>
  ({kind: "item", value, weight, document, name, isPicture, hash});
export const picture = (value, weight, name) => ({kind: "picture", value, weight, name});

/** What a result that is dragged carries. */
export const DRAGGED_PART = "application/x-samespace-part";

/** What the API takes; further out nothing changes any more. */
export const MOST_WEIGHT = 1000;

/** Whether typed words say more than words: a weight, or more than one part. */
export const isComposed = (parts) => parts.length > 1 || (parts.length === 1 && parts[0].weight !== 1);

/** A part as a parameter of the address, and back; null for what is none. */
export function writePart({kind, value, weight, name = "", document = "", isPicture, hash}) {
  const more = {words: [], picture: [name], item: [name, document, isPicture ? 1 : 0, ...(hash ? [hash] : [])]};
  return JSON.stringify([kind[0], weight, value, ...more[kind]]);
}

export function readPart(text) {
  try {
    const [kind, weight, value, name, document, isPicture, hash] = JSON.parse(text);
    if (typeof value !== "string" || !Number.isFinite(weight)) return null;
    if (kind === "w") return words(value, weight);
    if (kind === "i") return item(value, weight, String(document ?? ""), String(name ?? ""), Boolean(isPicture), String(hash ?? ""));
    return kind === "p" ? picture(value, weight, String(name ?? "")) : null;
  } catch {
    return null;
  }
}

/** The body of a search for these parts, as the API has it; pictures are numbered in their order. */
export function searchBody(parts, {targets, filter, limit, offset}) {
  let pictures = 0;
  const wanted = parts.map((each) => {
    if (each.kind === "words") return {text: each.value, weight: each.weight};
    if (each.kind === "item") return {item: each.value, weight: each.weight};
    return {image_file: pictures++, weight: each.weight};
  });
  return {
    parts: wanted,
    limit,
    ...(offset ? {offset} : {}),
    ...(targets ? {targets: [targets]} : {}),
    ...(filter ? {filter} : {}),
  };
}
