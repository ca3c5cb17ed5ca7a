// Where one looks: the place in the middle, and how many pixels a unit of the map is wide.

const MARGIN = 0.06;
const FARTHEST = 0.5;
const NEAREST = 400;   // times the whole map

/** The camera that shows all of an area. */
export function fitTo([x0, y0, x1, y1], {width, height}) {
  const span = 1 + 2 * MARGIN;
  const scale = Math.min(width / (span * Math.max(x1 - x0, 1e-3)), height / (span * Math.max(y1 - y0, 1e-3)));
  return {x: (x0 + x1) / 2, y: (y0 + y1) / 2, scale};
}

export const toScreen = ({x, y, scale}, {width, height}, px, py) =>
  [(px - x) * scale + width / 2, (py - y) * scale + height / 2];

export const toMap = ({x, y, scale}, {width, height}, left, top) =>
  [(left - width / 2) / scale + x, (top - height / 2) / scale + y];

/** The area of the map that is in view. */
export const inView = (camera, size) => [...toMap(camera, size, 0, 0), ...toMap(camera, size, size.width, size.height)];

/** Whether a place of the map is in view. */
export function isInView(camera, size, px, py) {
  const [left, top] = toScreen(camera, size, px, py);
  return left >= 0 && top >= 0 && left <= size.width && top <= size.height;
}

const between = (low, value, high) => Math.min(high, Math.max(low, value));

/** Moved by pixels; the middle of the view stays on the map. */
export const movedBy = ({x, y, scale}, right, down) =>
  ({x: between(0, x - right / scale, 1), y: between(0, y - down / scale, 1), scale});

/** Zoomed by a factor; the place under (left, top) stays where it is. `whole` is the camera that shows all. */
export function zoomedBy(camera, whole, size, factor, left = size.width / 2, top = size.height / 2) {
  const scale = between(whole.scale * FARTHEST, camera.scale * factor, whole.scale * NEAREST);
  const [x, y] = toMap(camera, size, left, top);
  const moved = {x: x - (left - size.width / 2) / scale, y: y - (top - size.height / 2) / scale, scale};
  return movedBy(moved, 0, 0);
}

/** The camera for the address: the place, and the zoom relative to the whole map, so that it fits any window. */
export const writeCamera = ({x, y, scale}, whole) => [x.toFixed(5), y.toFixed(5), (scale / whole.scale).toPrecision(4)].join(",");

/** Back from the address; null where it says none. */
export function readCamera(text, whole) {
  const numbers = (text ?? "").split(",").map(Number);
  if (!text || numbers.length !== 3 || !numbers.every(Number.isFinite) || numbers[2] <= 0) return null;
  const [x, y, zoom] = numbers;
  return movedBy({x, y, scale: whole.scale * between(FARTHEST, zoom, NEAREST)}, 0, 0);
}
