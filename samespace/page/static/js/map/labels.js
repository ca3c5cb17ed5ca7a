// Labels when zoomed in: thumbnails, and the names of documents beside their passages.
import {visibleArea} from "./camera.js";
import {eachWithin} from "./grid.js";
import {hasThumbnailAt, idAt} from "./points.js";
import {positionOf, visibilityFilter} from "./view-state.js";

const MAX_POINTS = 500;   // in view; with more, labels would hide the map
const MAX_PICTURES = 48;
const MAX_NAMES = 32;
const DEBOUNCE_MS = 140;   // after the last movement

const PICTURE_SIDE = 76;
const NAME_HEIGHT = 18;
export const NAME_WIDTH = 160;

/** Keep `view.labels` up to date, and call `onChange` whenever there is more to draw; returns how to stop. */
export function keepLabelled(view, items, onChange) {
  let timer = 0;
  let controller = new AbortController();
  const update = async () => {
    controller.abort();
    controller = new AbortController();
    const {signal: abort} = controller;
    const labels = placeLabels(view);
    view.labels.value = labels;
    try {
      const labelledItems = await items.load(labels.map((each) => each.id), abort);
      onChange();
      await items.loadPictures(labelledItems.filter(Boolean), abort, onChange);
    } catch (problem) {
      if (problem.name !== "AbortError") view.labels.value = [];  // the map works without labels
    }
  };
  const updateSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(update, DEBOUNCE_MS);
  };
  const stops = [view.camera, view.size, view.visible].map((each) => each.subscribe(updateSoon));
  return () => {
    stops.forEach((stop) => stop());
    clearTimeout(timer);
    controller.abort();
  };
}

/** Points with room for a label: those that have one already come first, then those nearest to the centre. */
function placeLabels(view) {
  const {points, camera: {value: camera}, size: {value: size}} = view;
  const candidates = [];
  const accepts = visibilityFilter(view);
  eachWithin(view.grid, points, visibleArea(camera, size), (index) => { if (accepts(index)) candidates.push(index); });
  if (candidates.length > MAX_POINTS) return [];
  const current = new Set(view.labels.value.map((each) => each.index));
  const distance = (index) => Math.hypot(points.x[index] - camera.x, points.y[index] - camera.y) - (current.has(index) ? 9 : 0);
  candidates.sort((one, other) => distance(one) - distance(other));
  const boxes = [];
  const pictures = placeWithoutOverlap(view, candidates.filter((index) => hasThumbnailAt(points, index)), MAX_PICTURES, pictureBox, boxes);
  const passages = onePerDocument(points, candidates.filter((index) => !hasThumbnailAt(points, index)));
  return [...pictures, ...placeWithoutOverlap(view, passages, MAX_NAMES, nameBox, boxes)];
}

function placeWithoutOverlap(view, candidates, maxCount, boxAround, boxes) {
  const placed = [];
  for (const index of candidates) {
    if (placed.length === maxCount) break;
    const box = boxAround(positionOf(view, index));
    if (boxes.some((other) => overlap(box, other))) continue;
    boxes.push(box);
    placed.push({index, id: idAt(view.points.ids, index)});
  }
  return placed;
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

/** The point whose thumbnail is at a position on screen, or -1. */
export function pictureUnder(view, items, left, top) {
  for (const {index, id} of view.labels.value) {
    const bitmap = items.picture(id);
    if (!bitmap) continue;
    const [x, y] = positionOf(view, index);
    const [width, height] = sizeOf(bitmap);
    if (Math.abs(left - x) <= width / 2 && Math.abs(top - y) <= height / 2) return index;
  }
  return -1;
}

/** [width, height] that a thumbnail is drawn at. */
export function sizeOf({width, height}) {
  const scale = PICTURE_SIDE / Math.max(width, height);
  return [width * scale, height * scale];
}
