// The state of the map view as signals: pointer and keyboard change them, canvases and components read them.
import {signal} from "../lib/html.js";
import {modalities} from "../lib/modalities.js";
import {boundsOf} from "./area.js";
import {fitTo, isVisible, parseCamera, toScreen, zoomBy} from "./camera.js";
import {createGrid} from "./grid.js";

const ANIMATION_MS = 160;
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * `point` is the active point: {index, by: "mouse" | "touch" | "keyboard"}, index -1 for none. `area` is the selected
 * rectangle, `draggedArea` the one being drawn, `visible` whether each modality is shown, `homeCamera` shows all points,
 * `labels` are the points that show a thumbnail or a name.
 */
export function createViewState(points, size, {at, area}) {
  const bounds = boundsOf(points);
  const home = fitTo(bounds, size);
  return {
    points, bounds,
    grid: createGrid(points),
    homeCamera: signal(home),
    size: signal(size),
    camera: signal(parseCamera(at, home) ?? home),
    point: signal({index: -1, by: "mouse"}),
    draggedArea: signal(null),
    area: signal(area),
    selecting: signal(false),
    visible: signal(modalities().map(() => true)),
    labels: signal([]),
  };
}

export const visibilityFilter = (view) => (index) => view.visible.value[view.points.modality[index]];

/** Where a point is on screen, [left, top]. */
export const positionOf = ({points, camera, size}, index) => toScreen(camera.value, size.value, points.x[index], points.y[index]);

/** Whether the active point is on screen, or will be with another camera. */
export const isPointVisible = ({points, camera, size, point: {value: {index}}}, at = camera.value) =>
  index >= 0 && isVisible(at, size.value, points.x[index], points.y[index]);

/** After a resize the centre and the zoom stay the same. */
export function resize(view, size) {
  const zoom = view.camera.value.scale / view.homeCamera.value.scale;
  const home = fitTo(view.bounds, size);
  view.size.value = size;
  view.homeCamera.value = home;
  view.camera.value = {...view.camera.value, scale: home.scale * zoom};
}

let animationFrame = 0;
let targetCamera = null;

/** The camera at the end of a running animation: a second key press continues from there. */
export const settledCamera = ({camera}) => targetCamera ?? camera.value;

/** Animate to another camera; jump, if reduced motion is preferred. */
export function animateTo(view, to) {
  stopAnimation();
  const from = view.camera.value;
  if (reducedMotion.matches) {
    view.camera.value = to;
    return;
  }
  targetCamera = to;
  const start = performance.now();
  const step = (now) => {
    const progress = Math.min(1, Math.max(0, now - start) / ANIMATION_MS);
    view.camera.value = interpolate(from, to, progress * (2 - progress));
    if (progress < 1) animationFrame = requestAnimationFrame(step);
    else targetCamera = null;
  };
  animationFrame = requestAnimationFrame(step);
}

/** Stop a running animation, as at a pointer's touch. */
export function stopAnimation() {
  cancelAnimationFrame(animationFrame);
  targetCamera = null;
}

function interpolate(from, to, progress) {
  const scale = from.scale * (to.scale / from.scale) ** progress;
  const done = to.scale === from.scale ? progress : (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale);
  return {x: from.x + (to.x - from.x) * done, y: from.y + (to.y - from.y) * done, scale};
}

/** Zoom by a factor around a position on screen, by default its centre. */
export const zoom = (view, factor, left, top) =>
  animateTo(view, zoomBy(settledCamera(view), view.homeCamera.value, view.size.value, factor, left, top));
