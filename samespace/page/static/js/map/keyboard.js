// Keyboard navigation on the map: moving between items, zoom, selection.
import {areaBetween} from "./area.js";
import {panBy, toMap, toScreen} from "./camera.js";
import {nearestTo, nextFrom} from "./grid.js";
import {animateTo, isPointVisible, settledCamera, visibilityFilter, zoom} from "./view-state.js";

export const KEYBOARD_HELP = "Arrow keys move between items, with Shift they move the map. Enter opens the item. Plus and minus zoom, 0 shows everything. "
  + "S selects what is in view, Escape clears the selection.";

const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const FACTOR = 1.6;
const EDGE = 60;   // an item closer to the edge than this is centred

/** Handle a key; false if it has no function here. */
export function handleKey(event, view, onOpen) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const step = STEPS[event.key];
  if (step && event.shiftKey) return handled(pan(view, step));
  if (step) return handled(moveToItem(view, step));
  switch (event.key) {
    case "Enter": return view.point.value.index >= 0 && handled(onOpen(view.point.value.index));
    case "+": case "=": return handled(zoomAtPoint(view, FACTOR));
    case "-": case "_": return handled(zoomAtPoint(view, 1 / FACTOR));
    case "0": case "Home": return handled(animateTo(view, view.homeCamera.value));
    case "s": case "S": return handled(selectView(view));
    case "Escape": return handled(clearSelection(view));
    default: return false;
  }
}

const handled = () => true;

function pan(view, [right, down]) {
  const {width, height} = view.size.value;
  animateTo(view, panBy(settledCamera(view), (-right * width) / 4, (-down * height) / 4));
}

/** Activate the next item in a direction; at first the one nearest to the centre. */
function moveToItem(view, step) {
  const {point, points, grid, size: {value: size}} = view;
  const camera = settledCamera(view);
  const accepts = visibilityFilter(view);
  const index = isPointOnScreen(view)
    ? nextFrom(grid, points, point.value.index, step, accepts)
    : nearestTo(grid, points, camera.x, camera.y, 2, accepts);
  if (index < 0) return;
  point.value = {index, by: "keyboard"};
  const [left, top] = toScreen(camera, size, points.x[index], points.y[index]);
  if (left < EDGE || top < EDGE || left > size.width - EDGE || top > size.height - EDGE) {
    animateTo(view, {...camera, x: points.x[index], y: points.y[index]});
  }
}

const isPointOnScreen = (view) => isPointVisible(view, settledCamera(view));

function zoomAtPoint(view, factor) {
  const {point: {value: {index}}, points, size} = view;
  if (!isPointOnScreen(view)) return zoom(view, factor);
  return zoom(view, factor, ...toScreen(settledCamera(view), size.value, points.x[index], points.y[index]));
}

/** Select what is in view. */
function selectView({area, camera, size}) {
  const {width, height} = size.value;
  area.value = areaBetween(toMap(camera.value, size.value, 0, 0), toMap(camera.value, size.value, width, height));
}

function clearSelection(view) {
  if (view.area.value) view.area.value = null;
  else view.point.value = {index: -1, by: "keyboard"};
}
