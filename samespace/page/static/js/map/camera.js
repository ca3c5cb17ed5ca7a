// The camera {x, y, scale}: the map position at the centre, and pixels per unit of the map.

const MARGIN = 0.06;
const MIN_ZOOM = 0.5;
const MAX_ZOOM = 400;   // relative to the whole map

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

/** The area in view. */
export const visibleArea = (camera, size) => [...toMap(camera, size, 0, 0), ...toMap(camera, size, size.width, size.height)];

/** Whether a map position is in view. */
export function isVisible(camera, size, px, py) {
  const [left, top] = toScreen(camera, size, px, py);
  return left >= 0 && top >= 0 && left <= size.width && top <= size.height;
}

const clamp = (low, value, high) => Math.min(high, Math.max(low, value));

/** Panned by pixels; the centre stays on the map. */
export const panBy = ({x, y, scale}, right, down) =>
  ({x: clamp(0, x - right / scale, 1), y: clamp(0, y - down / scale, 1), scale});

/** Zoomed by a factor around (left, top) on screen. `home` is the camera that shows all. */
export function zoomBy(camera, home, size, factor, left = size.width / 2, top = size.height / 2) {
  const scale = clamp(home.scale * MIN_ZOOM, camera.scale * factor, home.scale * MAX_ZOOM);
  const [x, y] = toMap(camera, size, left, top);
  const zoomed = {x: x - (left - size.width / 2) / scale, y: y - (top - size.height / 2) / scale, scale};
  return panBy(zoomed, 0, 0);
}

/** The camera for the address; the zoom is relative to that of `home`, so that it fits any window. */
export const serializeCamera = ({x, y, scale}, home) => [x.toFixed(5), y.toFixed(5), (scale / home.scale).toPrecision(4)].join(",");

/** Back from the address; null if it is none. */
export function parseCamera(text, home) {
  const numbers = (text ?? "").split(",").map(Number);
  if (!text || numbers.length !== 3 || !numbers.every(Number.isFinite) || numbers[2] <= 0) return null;
  const [x, y, zoom] = numbers;
  return panBy({x, y, scale: home.scale * clamp(MIN_ZOOM, zoom, MAX_ZOOM)}, 0, 0);
}
