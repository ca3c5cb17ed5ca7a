// A query is a list of weighted parts: words, items, pictures. Each is a parameter `p` of the address.

/** A part: `kind` is words, item or picture; `value` the words, the item's id, or the name the picture is stored under. */
export const textPart = (value, weight = 1) => ({kind: "words", value, weight});
export const itemPart = (value, weight, document, name, hasThumbnail, hash = "") =>
  ({kind: "item", value, weight, document, name, hasThumbnail, hash});
export const picturePart = (value, weight, name) => ({kind: "picture", value, weight, name});

/** The drag and drop type of a result. */
export const PART_MEDIA_TYPE = "application/x-samespace-part";

/** The largest weight the API accepts. */
export const MAX_WEIGHT = 1000;

/** Whether a typed query uses operators: a weight, or more than one part. */
export const hasOperators = (parts) => parts.length > 1 || (parts.length === 1 && parts[0].weight !== 1);

/** A part as a parameter of the address. */
export function serializePart({kind, value, weight, name = "", document = "", hasThumbnail, hash}) {
  const fields = {words: [], picture: [name], item: [name, document, hasThumbnail ? 1 : 0, ...(hash ? [hash] : [])]};
  return JSON.stringify([kind[0], weight, value, ...fields[kind]]);
}

/** Back from the address; null if it is no part. */
export function parsePart(text) {
  try {
    const [kind, weight, value, name, document, hasThumbnail, hash] = JSON.parse(text);
    if (typeof value !== "string" || !Number.isFinite(weight)) return null;
    if (kind === "w") return textPart(value, weight);
    if (kind === "i") return itemPart(value, weight, String(document ?? ""), String(name ?? ""), Boolean(hasThumbnail), String(hash ?? ""));
    return kind === "p" ? picturePart(value, weight, String(name ?? "")) : null;
  } catch {
    return null;
  }
}

/** The request body of a search; pictures are referred to by their position among the files. */
export function searchBody(parts, {targets, filter, limit, offset, indexes}) {
  let pictureCount = 0;
  const apiParts = parts.map((each) => {
    if (each.kind === "words") return {text: each.value, weight: each.weight};
    if (each.kind === "item") return {item: each.value, weight: each.weight};
    return {image_file: pictureCount++, weight: each.weight};
  });
  return {
    parts: apiParts,
    limit,
    ...(offset ? {offset} : {}),
    ...(targets ? {targets: [targets]} : {}),
    ...(filter ? {filter} : {}),
    ...(indexes ? {indexes} : {}),
  };
}
