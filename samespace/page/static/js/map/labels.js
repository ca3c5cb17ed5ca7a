// What shows itself when one is near: the pictures around the middle, and the names of documents beside their passages.
import {inView, toScreen} from "./camera.js";
import {eachWithin} from "./grid.js";
import {isShown} from "./view-state.js";
import {PICTURE, idAt} from "./points.js";

const NEAR_POINTS = 500;   // in view; with more, pictures would hide the map
const PICTURES = 48;
const NAMES = 32;
const PAUSE_MS = 140;      // after the last movement

export const PICTURE_SIDE = 76;
export const NAME_WIDTH = 160;
export const NAME_HEIGHT = 18;

/** Keep `looking.near` in step with where one looks, and call `onChange` whenever there is more to draw; answers how to stop. */
export function followNear(looking, items, onChange) {
  let timer = 0;
  let leave = new AbortController();
  const settle = async () => {
    leave.abort();
    leave = new AbortController();
    const {signal: abort} = leave;
    const chosen = choose(looking);
    looking.near.value = chosen;
    try {
      const found = await items.load(chosen.map((each) => each.id), abort);
      onChange();
      await items.show(found.filter(Boolean), abort, onChange);
    } catch (problem) {
      if (problem.name !== "AbortError") looking.near.value = [];  // the points do without
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(settle, PAUSE_MS);
  };
  const stops = [looking.camera, looking.size, looking.shown].map((each) => each.subscribe(later));
  return () => {
    stops.forEach((stop) => stop());
    clearTimeout(timer);
    leave.abort();
  };
}

/** Points that have room to show themselves: first those that did already, then those nearest to the middle. */
function choose(looking) {
  const {points, camera: {value: camera}, size: {value: size}} = looking;
  const candidates = [];
  const accepts = isShown(looking);
  eachWithin(looking.grid, points, inView(camera, size), (index) => { if (accepts(index)) candidates.push(index); });
  if (candidates.length > NEAR_POINTS) return [];
  const already = new Set(looking.near.value.map((each) => each.index));
  const distance = (index) => Math.hypot(points.x[index] - camera.x, points.y[index] - camera.y) - (already.has(index) ? 9 : 0);
  candidates.sort((one, other) => distance(one) - distance(other));
  const boxes = [];
  const pictures = takeRoom(looking, candidates.filter((index) => points.modality[index] === PICTURE), PICTURES, pictureBox, boxes);
  const firsts = onePerDocument(points, candidates.filter((index) => points.modality[index] !== PICTURE));
  return [...pictures, ...takeRoom(looking, firsts, NAMES, nameBox, boxes)];
}

function takeRoom(looking, candidates, most, boxAround, boxes) {
  const taken = [];
  const {points} = looking;
  for (const index of candidates) {
    if (taken.length === most) break;
    const box = boxAround(toScreen(looking.camera.value, looking.size.value, points.x[index], points.y[index]));
    if (boxes.some((other) => overlap(box, other))) continue;
    boxes.push(box);
    taken.push({index, id: idAt(points.ids, index)});
  }
  return taken;
}

function onePerDocument(points, candidates) {
  const seen = new Set();
  return candidates.filter((index) => {
    const document = idAt(points.documents, index);
    return !seen.has(document) && seen.add(document);
  });
}

const pictureBox = ([left, top]) =>
  [left - PICTURE_SIDE / 2, top - PICTURE_SIDE / 2, left + PICTURE_SIDE / 2, top + PICTURE_SIDE / 2];
const nameBox = ([left, top]) => [left - 8, top - NAME_HEIGHT / 2, left + NAME_WIDTH, top + NAME_HEIGHT / 2];
const overlap = ([a, b, c, d], [e, f, g, h]) => a < g && e < c && b < h && f < d;

/** The item whose picture lies under a place of the window; -1 for none. */
export function pictureUnder(looking, items, left, top) {
  for (const {index, id} of looking.near.value) {
    const bitmap = items.picture(id);
    if (!bitmap) continue;
    const [x, y] = toScreen(looking.camera.value, looking.size.value, looking.points.x[index], looking.points.y[index]);
    const [width, height] = sizeOf(bitmap);
    if (Math.abs(left - x) <= width / 2 && Math.abs(top - y) <= height / 2) return index;
  }
  return -1;
}

/** The size a picture is drawn at, its longer side `PICTURE_SIDE`. */
export function sizeOf({width, height}) {
  const share = PICTURE_SIDE / Math.max(width, height);
  return [width * share, height * share];
}
