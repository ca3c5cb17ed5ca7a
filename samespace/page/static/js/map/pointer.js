// Pointer events on the map: drag to pan or select, wheel and pinch to zoom, click or tap to open.
import {listen} from "../lib/listen.js";
import {areaBetween} from "./area.js";
import {panBy, toMap, zoomBy} from "./camera.js";
import {nearestTo} from "./grid.js";
import {pictureUnder} from "./labels.js";
import {stopAnimation, visibilityFilter} from "./view-state.js";

const DRAG_THRESHOLD = 5;   // pixels that a click may move
const HIT_RADIUS = {mouse: 12, pen: 16, touch: 26};
const WHEEL_SPEED = 0.0016;
const PINCH_SPEED = 0.01;   // of a touchpad, which browsers report as a wheel with ctrlKey
const LINE_HEIGHT = 16;

/** Listen on the canvas; returns how to stop. `onOpen(index)` is called to open an item. */
export function listenToPointer(canvas, view, items, onOpen) {
  const pointers = new Map();
  let drag = null;
  const positionOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  return listen(canvas, {
    pointerdown(event) {
      if (event.button) return;
      stopAnimation();
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, positionOf(event));
      drag = pointers.size > 1 ? null : {from: positionOf(event), isSelecting: event.shiftKey || view.selecting.value, hasMoved: false};
    },
    pointermove(event) {
      const to = positionOf(event);
      if (!pointers.has(event.pointerId)) pointAt(view, items, to, event.pointerType);
      else if (pointers.size > 1) pinch(view, pointers, event.pointerId, to);
      else if (drag) onDrag(view, drag, pointers.get(event.pointerId), to);
      if (pointers.has(event.pointerId)) pointers.set(event.pointerId, to);
    },
    pointerup(event) {
      if (!pointers.delete(event.pointerId) || !drag) return;
      if (drag.hasMoved) confirmArea(view);
      else onTap(view, items, positionOf(event), event.pointerType, onOpen);
      drag = null;
    },
    pointercancel(event) {
      pointers.delete(event.pointerId);
      view.draggedArea.value = null;
      drag = null;
    },
    pointerleave() {
      if (!pointers.size && view.point.value.by === "mouse") view.point.value = {index: -1, by: "mouse"};
    },
    wheel(event) {
      event.preventDefault();
      stopAnimation();
      onWheel(view, event, positionOf(event));
      pointAt(view, items, positionOf(event), "mouse");
    },
  }, {passive: false});
}

function onDrag(view, drag, before, to) {
  drag.hasMoved ||= Math.hypot(to[0] - drag.from[0], to[1] - drag.from[1]) > DRAG_THRESHOLD;
  if (!drag.hasMoved) return;
  if (view.point.value.by !== "keyboard") view.point.value = {index: -1, by: "mouse"};
  const {camera, size} = view;
  if (drag.isSelecting) view.draggedArea.value = areaBetween(toMap(camera.value, size.value, ...drag.from), toMap(camera.value, size.value, ...to));
  else camera.value = panBy(camera.value, to[0] - before[0], to[1] - before[1]);
}

function confirmArea(view) {
  if (!view.draggedArea.value) return;
  view.area.value = view.draggedArea.value;
  view.draggedArea.value = null;
  view.selecting.value = false;
}

/** Pinch with two fingers: pans and zooms. */
function pinch(view, pointers, movedId, to) {
  const [[, fixed]] = [...pointers].filter(([id]) => id !== movedId);
  const before = pointers.get(movedId);
  const spread = (one) => Math.max(20, Math.hypot(one[0] - fixed[0], one[1] - fixed[1]));
  const {camera, homeCamera, size} = view;
  const middle = [(to[0] + fixed[0]) / 2, (to[1] + fixed[1]) / 2];
  const panned = panBy(camera.value, (to[0] - before[0]) / 2, (to[1] - before[1]) / 2);
  camera.value = zoomBy(panned, homeCamera.value, size.value, spread(to) / spread(before), ...middle);
}

function onWheel(view, event, [left, top]) {
  const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1);
  const factor = Math.exp(-pixels * (event.ctrlKey ? PINCH_SPEED : WHEEL_SPEED));
  view.camera.value = zoomBy(view.camera.value, view.homeCamera.value, view.size.value, factor, left, top);
}

function pointUnder(view, items, [left, top], pointerType) {
  const picture = pictureUnder(view, items, left, top);
  if (picture >= 0) return picture;
  const {camera, size, grid, points} = view;
  const radius = (HIT_RADIUS[pointerType] ?? HIT_RADIUS.mouse) / camera.value.scale;
  return nearestTo(grid, points, ...toMap(camera.value, size.value, left, top), radius, visibilityFilter(view));
}

function pointAt(view, items, position, pointerType) {
  if (pointerType === "touch") return;
  const index = pointUnder(view, items, position, pointerType);
  if (index !== view.point.value.index && (index >= 0 || view.point.value.by === "mouse")) {
    view.point.value = {index, by: "mouse"};
  }
}

/** A mouse click opens, since hovering has shown the card; a touch shows the card, which is a link. */
function onTap(view, items, position, pointerType, onOpen) {
  const index = pointUnder(view, items, position, pointerType);
  if (pointerType === "mouse" && index >= 0) onOpen(index);
  else view.point.value = {index, by: pointerType === "mouse" ? "mouse" : "touch"};
}
