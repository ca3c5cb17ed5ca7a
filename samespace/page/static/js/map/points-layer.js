// The points, put pixel by pixel into one picture: 50,000 shapes drawn one by one take ten times as long as a frame has.
import {inView} from "./camera.js";
import {eachStretch} from "./grid.js";
import {PICTURE} from "./points.js";

const EDGE = 12;          // pixels around the window, so that no point there needs cutting
const SMALLEST = 1.1;     // radius, in pixels of the page
const LARGEST = 6.5;
const RINGED_FROM = 3;    // from this radius on a rim keeps neighbours apart

/** A painter on a canvas; `colours` are {passage, picture, ground}, each [red, green, blue]. */
export function createPainter(canvas) {
  const context = canvas.getContext("2d", {willReadFrequently: true});
  let image = null;
  return (looking, ratio, colours) => {
    const width = Math.round(looking.size.value.width * ratio);
    const height = Math.round(looking.size.value.height * ratio);
    const edge = Math.ceil(EDGE * ratio);
    if (canvas.width !== width || canvas.height !== height || !image) {
      canvas.width = width;
      canvas.height = height;
      image = context.createImageData(width + 2 * edge, height + 2 * edge);
    }
    stampAll(image, edge, looking, ratio, colours);
    context.putImageData(image, -edge, -edge);
  };
}

function stampAll(image, edge, looking, ratio, colours) {
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(0);
  const {points: {x, y, modality}, grid, camera: {value: camera}, size: {value: size}} = looking;
  const radius = radiusAt(camera.scale, looking.points.count) * ratio;
  const stamps = [stampOf(disc, radius, colours.passage, colours.ground, image.width),
    stampOf(diamond, radius * 1.15, colours.picture, colours.ground, image.width)];
  const shown = looking.shown.value;
  const scale = camera.scale * ratio;
  const left = (size.width / 2) * ratio + edge - camera.x * scale;
  const top = (size.height / 2) * ratio + edge - camera.y * scale;
  const inset = Math.ceil(radius * 1.2) + 2;
  eachStretch(looking.grid, widened(inView(camera, size), EDGE / camera.scale), (from, to) => {
    for (let at = from; at < to; at++) {
      const index = grid.order[at];
      const column = Math.round(x[index] * scale + left);
      const row = Math.round(y[index] * scale + top);
      if (column < inset || row < inset || column >= image.width - inset || row >= image.height - inset) continue;
      if (!shown[modality[index]]) continue;
      const {offsets, shades} = stamps[modality[index] === PICTURE ? 1 : 0];
      const middle = row * image.width + column;
      for (let each = 0; each < offsets.length; each++) pixels[middle + offsets[each]] = shades[each];
    }
  });
}

const widened = ([x0, y0, x1, y1], by) => [x0 - by, y0 - by, x1 + by, y1 + by];

/** The radius grows with the room that a point has on average, not with what happens to be in view: it never jumps. */
export const radiusAt = (scale, count) =>
  Math.min(LARGEST, Math.max(SMALLEST, (0.3 * scale) / Math.sqrt(count)));

// A point is told by its shape too: a passage is round, a picture stands on its corner.
const disc = (right, down) => Math.hypot(right, down);
const diamond = (right, down) => (Math.abs(right) + Math.abs(down)) / 1.2;

/** The pixels of a shape: how far each lies from its middle in the image, and its colour. */
function stampOf(distance, radius, colour, ground, width) {
  const offsets = [];
  const shades = [];
  const reach = Math.ceil(radius * 1.2);
  const ringed = radius >= RINGED_FROM;
  for (let down = -reach; down <= reach; down++) {
    for (let right = -reach; right <= reach; right++) {
      const inside = radius - distance(right, down);
      if (inside < -0.5) continue;
      offsets.push(down * width + right);
      shades.push(ringed && inside < 0.9 ? shade(ground, inside < 0.2 ? 150 : 255) : shade(colour, 255));
    }
  }
  return {offsets: Int32Array.from(offsets), shades: Uint32Array.from(shades)};
}

const shade = ([red, green, blue], alpha) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
