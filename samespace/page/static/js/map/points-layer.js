// The points, rasterized into one ImageData: drawing 50,000 shapes one by one takes ten times as long as a frame has.
import {modalities} from "../lib/modalities.js";
import {visibleArea} from "./camera.js";
import {eachRange} from "./grid.js";

const MARGIN = 12;   // pixels around the canvas, so that points at its edges need no clipping
const MIN_RADIUS = 1.1;   // in CSS pixels
const MAX_RADIUS = 6.5;
const MIN_OUTLINED_RADIUS = 3;   // from this radius on an outline keeps neighbours apart

/** A function that draws the points on a canvas; `colours` as of readColours. */
export function createPointsLayer(canvas) {
  const context = canvas.getContext("2d", {willReadFrequently: true});
  let image = null;
  return (view, ratio, colours) => {
    const width = Math.round(view.size.value.width * ratio);
    const height = Math.round(view.size.value.height * ratio);
    const margin = Math.ceil(MARGIN * ratio);
    if (canvas.width !== width || canvas.height !== height || !image) {
      canvas.width = width;
      canvas.height = height;
      image = context.createImageData(width + 2 * margin, height + 2 * margin);
    }
    stampAll(image, margin, view, ratio, colours);
    context.putImageData(image, -margin, -margin);
  };
}

function stampAll(image, margin, view, ratio, colours) {
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(0);
  const {points: {x, y, modality}, grid, camera: {value: camera}, size: {value: size}} = view;
  const radius = radiusAt(camera.scale, view.points.count) * ratio;
  const stamps = modalities().map(({marker, style}) => createStamp(MARKERS[marker], radius, colours[style], colours.ground, image.width));
  const visible = view.visible.value;
  const scale = camera.scale * ratio;
  const left = (size.width / 2) * ratio + margin - camera.x * scale;
  const top = (size.height / 2) * ratio + margin - camera.y * scale;
  const padding = Math.ceil(radius * 1.2) + 2;
  eachRange(view.grid, expand(visibleArea(camera, size), MARGIN / camera.scale), (from, to) => {
    for (let at = from; at < to; at++) {
      const index = grid.order[at];
      const column = Math.round(x[index] * scale + left);
      const row = Math.round(y[index] * scale + top);
      if (column < padding || row < padding || column >= image.width - padding || row >= image.height - padding) continue;
      if (!visible[modality[index]]) continue;
      const {offsets, shades} = stamps[modality[index]];
      const middle = row * image.width + column;
      for (let each = 0; each < offsets.length; each++) pixels[middle + offsets[each]] = shades[each];
    }
  });
}

const expand = ([x0, y0, x1, y1], by) => [x0 - by, y0 - by, x1 + by, y1 + by];

/** The radius depends on the average density of the whole map, not on what is in view, so that it never jumps. */
export const radiusAt = (scale, count) =>
  Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, (0.3 * scale) / Math.sqrt(count)));

// Modalities differ by shape, not by colour alone.
const MARKERS = {
  disc: {size: 1, distance: (right, down) => Math.hypot(right, down)},
  square: {size: 0.9, distance: (right, down) => Math.max(Math.abs(right), Math.abs(down))},
  diamond: {size: 1.15, distance: (right, down) => (Math.abs(right) + Math.abs(down)) / 1.2},
};

/** The pixels of a marker: their offsets from its centre in the image, and their colours. */
function createStamp({size, distance}, discRadius, colour, ground, width) {
  const radius = discRadius * size;
  const offsets = [];
  const shades = [];
  const extent = Math.ceil(radius * 1.2);
  const isOutlined = radius >= MIN_OUTLINED_RADIUS;
  for (let down = -extent; down <= extent; down++) {
    for (let right = -extent; right <= extent; right++) {
      const inside = radius - distance(right, down);
      if (inside < -0.5) continue;
      offsets.push(down * width + right);
      shades.push(isOutlined && inside < 0.9 ? packColour(ground, inside < 0.2 ? 150 : 255) : packColour(colour, 255));
    }
  }
  return {offsets: Int32Array.from(offsets), shades: Uint32Array.from(shades)};
}

const packColour = ([red, green, blue], alpha) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
