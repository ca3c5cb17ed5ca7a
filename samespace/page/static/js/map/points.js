// The points of a map as the server keeps them: a header, then one column after the other.
import {many} from "../lib/format.js";

const ID_BYTES = 16;
export const PICTURE = 1;  // the modality of a picture; that of a passage is 0

/** Columns over the bytes of the answer, nothing copied. `x` and `y` lie in 0..1. */
export function readPoints(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const {count, total, made_at: madeAt, fresh} = header;
  let at = Math.ceil((4 + length) / 8) * 8;
  const column = (Kind, size) => {
    const found = new Kind(buffer, at, size);
    at += found.byteLength;
    return found;
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

/** The id at a place of a column of ids. */
export function idAt(column, index) {
  let id = "";
  for (let at = index * ID_BYTES; at < (index + 1) * ID_BYTES; at++) id += column[at].toString(16).padStart(2, "0");
  return id;
}

/** How many passages and pictures there are. */
export function tally(points) {
  let pictures = 0;
  for (let at = 0; at < points.count; at++) pictures += points.modality[at];
  return {passages: points.count - pictures, pictures};
}

/** A tally in words. */
export const inWords = ({passages, pictures}) =>
  `${many(passages, "passage")} and ${many(pictures, "picture")}`;

/** Where an id stands in a column of ids; -1 where it does not. */
export function indexOf(column, id) {
  const wanted = (id.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
  if (wanted.length !== ID_BYTES) return -1;
  for (let start = 0; start < column.length; start += ID_BYTES) {
    let same = 0;
    while (same < ID_BYTES && column[start + same] === wanted[same]) same += 1;
    if (same === ID_BYTES) return start / ID_BYTES;
  }
  return -1;
}
