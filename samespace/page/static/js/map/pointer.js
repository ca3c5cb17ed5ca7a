// Hands on the map: dragging moves it or draws a rectangle, wheel and pinch zoom, a press opens or points.
import {areaOf} from "./area.js";
import {movedBy, toMap, zoomedBy} from "./camera.js";
import {nearestTo} from "./grid.js";
import {holdStill, isShown} from "./view-state.js";
import {pictureUnder} from "./labels.js";

const SLACK = 5;          // pixels that a press may stray
const REACH = {mouse: 12, pen: 16, touch: 26};
const WHEEL = 0.0016;
const PINCHED_WHEEL = 0.01;   // how browsers report a pinch on a touchpad
const LINE = 16;

/** Listen on the canvas until the answered function is called; `open(index)` opens what was pressed. */
export function listen(canvas, looking, items, open) {
  const hands = new Map();
  let drag = null;
  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const handlers = {
    pointerdown(event) {
      if (event.button) return;
      holdStill();
      canvas.setPointerCapture(event.pointerId);
      hands.set(event.pointerId, placeOf(event));
      drag = hands.size > 1 ? null : {from: placeOf(event), draws: event.shiftKey || looking.selecting.value, strayed: false};
    },
    pointermove(event) {
      const to = placeOf(event);
      if (!hands.has(event.pointerId)) pointAt(looking, items, to, event.pointerType);
      else if (hands.size > 1) pinch(looking, hands, event.pointerId, to);
      else if (drag) moveOn(looking, drag, hands.get(event.pointerId), to);
      if (hands.has(event.pointerId)) hands.set(event.pointerId, to);
    },
    pointerup(event) {
      if (!hands.delete(event.pointerId) || !drag) return;
      if (drag.strayed) keepDrawn(looking);
      else press(looking, items, placeOf(event), event.pointerType, open);
      drag = null;
    },
    pointercancel(event) {
      hands.delete(event.pointerId);
      looking.drawn.value = null;
      drag = null;
    },
    pointerleave() {
      if (!hands.size && looking.point.value.by === "mouse") looking.point.value = {index: -1, by: "mouse"};
    },
    wheel(event) {
      event.preventDefault();
      holdStill();
      turn(looking, event, placeOf(event));
      pointAt(looking, items, placeOf(event), "mouse");
    },
  };
  const list = Object.entries(handlers);
  for (const [name, handler] of list) canvas.addEventListener(name, handler, {passive: false});
  return () => list.forEach(([name, handler]) => canvas.removeEventListener(name, handler));
}

function moveOn(looking, drag, before, to) {
  drag.strayed ||= Math.hypot(to[0] - drag.from[0], to[1] - drag.from[1]) > SLACK;
  if (!drag.strayed) return;
  if (looking.point.value.by !== "keys") looking.point.value = {index: -1, by: "mouse"};
  const {camera, size} = looking;
  if (drag.draws) looking.drawn.value = areaOf(toMap(camera.value, size.value, ...drag.from), toMap(camera.value, size.value, ...to));
  else camera.value = movedBy(camera.value, to[0] - before[0], to[1] - before[1]);
}

function keepDrawn(looking) {
  if (!looking.drawn.value) return;
  looking.area.value = looking.drawn.value;
  looking.drawn.value = null;
  looking.selecting.value = false;
}

/** Two fingers: the map follows both. */
function pinch(looking, hands, moved, to) {
  const [[, still]] = [...hands].filter(([id]) => id !== moved);
  const before = hands.get(moved);
  const spread = (one) => Math.max(20, Math.hypot(one[0] - still[0], one[1] - still[1]));
  const {camera, whole, size} = looking;
  const middle = [(to[0] + still[0]) / 2, (to[1] + still[1]) / 2];
  const followed = movedBy(camera.value, (to[0] - before[0]) / 2, (to[1] - before[1]) / 2);
  camera.value = zoomedBy(followed, whole.value, size.value, spread(to) / spread(before), ...middle);
}

function turn(looking, event, [left, top]) {
  const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
  const factor = Math.exp(-pixels * (event.ctrlKey ? PINCHED_WHEEL : WHEEL));
  looking.camera.value = zoomedBy(looking.camera.value, looking.whole.value, looking.size.value, factor, left, top);
}

function under(looking, items, [left, top], kind) {
  const picture = pictureUnder(looking, items, left, top);
  if (picture >= 0) return picture;
  const {camera, size, grid, points} = looking;
  const reach = (REACH[kind] ?? REACH.mouse) / camera.value.scale;
  return nearestTo(grid, points, ...toMap(camera.value, size.value, left, top), reach, isShown(looking));
}

function pointAt(looking, items, place, kind) {
  if (kind === "touch") return;
  const index = under(looking, items, place, kind);
  if (index !== looking.point.value.index && (index >= 0 || looking.point.value.by === "mouse")) {
    looking.point.value = {index, by: "mouse"};
  }
}

/** A mouse opens at once: it has seen the card. A finger is shown the card first, and opens from there. */
function press(looking, items, place, kind, open) {
  const index = under(looking, items, place, kind);
  if (kind === "mouse" && index >= 0) open(index);
  else looking.point.value = {index, by: kind === "mouse" ? "mouse" : "touch"};
}
