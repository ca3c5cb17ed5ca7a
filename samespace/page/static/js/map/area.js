// Rectangles of the map: [x0, y0, x1, y1], the lower corner first.
import {eachWithin} from "./grid.js";
import {PICTURE} from "./points.js";

const DIGITS = 1e5;

/** The rectangle between two corners, rounded outwards to what an address shows of it. */
export const areaOf = ([ax, ay], [bx, by]) => [
  Math.floor(Math.min(ax, bx) * DIGITS) / DIGITS, Math.floor(Math.min(ay, by) * DIGITS) / DIGITS,
  Math.ceil(Math.max(ax, bx) * DIGITS) / DIGITS, Math.ceil(Math.max(ay, by) * DIGITS) / DIGITS,
];

/** The rectangle around all points. */
export function boundsOf({count, x, y}) {
  const area = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < count; at++) {
    area[0] = Math.min(area[0], x[at]);
    area[1] = Math.min(area[1], y[at]);
    area[2] = Math.max(area[2], x[at]);
    area[3] = Math.max(area[3], y[at]);
  }
  return count ? area : [0, 0, 1, 1];
}

/** What of the points lies in an area. */
export function tallyWithin(grid, points, area) {
  const counts = {passages: 0, pictures: 0};
  eachWithin(grid, points, area, (index) => { counts[points.modality[index] === PICTURE ? "pictures" : "passages"] += 1; });
  return counts;
}

/** The rectangle as a filter of searches, and back from an address; null for anything else. */
export const filterOf = (area) => JSON.stringify({$area: area});

export function readArea(text) {
  const numbers = (text ?? "").split(",").map(Number);
  return text && numbers.length === 4 && numbers.every(Number.isFinite) ? numbers : null;
}
