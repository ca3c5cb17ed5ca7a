// What is looked at on one map, as signals: gestures and keys change them, whatever draws or speaks reads them.
import {signal} from "../lib/html.js";
import {boundsOf} from "./area.js";
import {fitTo, isInView, readCamera, zoomedBy} from "./camera.js";
import {gridOf} from "./grid.js";

const EASE_MS = 160;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * `point` is what is pointed at: {index, by: "mouse" | "touch" | "keys"}, index -1 for nothing. `drawn` is the rectangle
 * under the pointer, `area` the one that is selected, `shown` whether passages and pictures are shown.
 */
export function lookAt(points, size, {at, area}) {
  const bounds = boundsOf(points);
  const whole = fitTo(bounds, size);
  return {
    points, bounds,
    grid: gridOf(points),
    whole: signal(whole),
    size: signal(size),
    camera: signal(readCamera(at, whole) ?? whole),
    point: signal({index: -1, by: "mouse"}),
    drawn: signal(null),
    area: signal(area),
    selecting: signal(false),
    shown: signal([true, true]),
    near: signal([]),
  };
}

export const isShown = (looking) => (index) => looking.shown.value[looking.points.modality[index]];

/** Whether what is pointed at can be seen. */
export const seesPoint = ({points, camera, size, point: {value: {index}}}) =>
  index >= 0 && isInView(camera.value, size.value, points.x[index], points.y[index]);

/** The window has another size: the place in the middle stays, and so does the zoom. */
export function resize(looking, size) {
  const zoom = looking.camera.value.scale / looking.whole.value.scale;
  const whole = fitTo(looking.bounds, size);
  looking.size.value = size;
  looking.whole.value = whole;
  looking.camera.value = {...looking.camera.value, scale: whole.scale * zoom};
}

let easing = 0;
let goal = null;

/** The camera it is on its way to, or has come to: a second press of a key goes on from where the first one leads. */
export const heading = ({camera}) => goal ?? camera.value;

/** Go to another camera, in a moment or, where motion is not wanted, at once. */
export function easeTo(looking, to) {
  holdStill();
  const from = looking.camera.value;
  if (calm.matches) {
    looking.camera.value = to;
    return;
  }
  goal = to;
  const began = performance.now();
  const step = (now) => {
    const share = Math.min(1, Math.max(0, now - began) / EASE_MS);
    looking.camera.value = blend(from, to, share * (2 - share));
    if (share < 1) easing = requestAnimationFrame(step);
    else goal = null;
  };
  easing = requestAnimationFrame(step);
}

/** Stop where it has got to: a hand is on it. */
export function holdStill() {
  cancelAnimationFrame(easing);
  goal = null;
}

function blend(from, to, share) {
  const scale = from.scale * (to.scale / from.scale) ** share;
  const done = to.scale === from.scale ? share : (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale);
  return {x: from.x + (to.x - from.x) * done, y: from.y + (to.y - from.y) * done, scale};
}

/** Zoom by a factor around a place of the window, its middle where none is given. */
export const zoom = (looking, factor, left, top) =>
  easeTo(looking, zoomedBy(heading(looking), looking.whole.value, looking.size.value, factor, left, top));
