// The points of a map in the server's binary format: a header, then one column after the other.
import {pluralize} from "../lib/format.js";
import {toHex} from "../lib/hex.js";
import {modalities} from "../lib/modalities.js";

const ID_BYTES = 16;

/** Typed arrays over the response, without copying. `x` and `y` are in 0..1, `modality` are indexes of the modalities. */
export function parsePoints(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const {count, total, made_at: madeAt, fresh} = header;
  let at = Math.ceil((4 + length) / 8) * 8;
  const column = (Kind, size) => {
    const values = new Kind(buffer, at, size);
    at += values.byteLength;
    return values;
  };
  return {
    count, total, madeAt, fresh,
    x: column(Float32Array, count),
    y: column(Float32Array, count),
    ids: column(Uint8Array, count * ID_BYTES),
    documents: column(Uint8Array, count * ID_BYTES),
    modality: column(Uint8Array, count),
  };
}

/** The id at an index of a column of ids. */
export const idAt = (column, index) => toHex(column.subarray(index * ID_BYTES, (index + 1) * ID_BYTES));

/** The number of points of each modality. */
export function countPoints(points) {
  const counts = modalities().map(() => 0);
  for (let at = 0; at < points.count; at++) counts[points.modality[at]] += 1;
  return counts;
}

/** "3 passages and 1 picture". */
export const describeCounts = (counts) =>
  counts.map((count, code) => pluralize(count, modalities()[code].label.toLowerCase())).join(" and ");

/** Whether a point is labelled by a thumbnail; others are by the name of their document. */
export const hasThumbnailAt = (points, index) => modalities()[points.modality[index]].preview === "thumbnail";

/** The index of an id in a column of ids, or -1. */
export function indexOf(column, id) {
  const bytes = (id.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
  if (bytes.length !== ID_BYTES) return -1;
  for (let start = 0; start < column.length; start += ID_BYTES) {
    let matching = 0;
    while (matching < ID_BYTES && column[start + matching] === bytes[matching]) matching += 1;
    if (matching === ID_BYTES) return start / ID_BYTES;
  }
  return -1;
}
