// Rectangles on the map: [x0, y0, x1, y1] with x0 <= x1 and y0 <= y1.
import {modalities} from "../lib/modalities.js";
import {eachWithin} from "./grid.js";

const DIGITS = 1e5;

/** The rectangle between two corners, rounded outwards to the digits that the address has. */
export const areaBetween = ([ax, ay], [bx, by]) => [
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

/** The number of points of each modality in an area. */
export function countWithin(grid, points, area) {
  const counts = modalities().map(() => 0);
  eachWithin(grid, points, area, (index) => { counts[points.modality[index]] += 1; });
  return counts;
}

/** The search filter for an area. */
export const areaFilter = (area) => JSON.stringify({$area: area});

/** An area out of the address; null if it is none. */
export function parseArea(text) {
  const numbers = (text ?? "").split(",").map(Number);
  return text && numbers.length === 4 && numbers.every(Number.isFinite) ? numbers : null;
}
