// The map by keyboard: from item to item, nearer and farther, selecting what is in view.
import {areaOf} from "./area.js";
import {isInView, movedBy, toMap, toScreen} from "./camera.js";
import {nearestTo, nextFrom} from "./grid.js";
import {easeTo, heading, isShown, zoom} from "./view-state.js";

export const KEYS = "Arrow keys go from item to item, with Shift they move the map. Enter opens the item. Plus and minus zoom, 0 shows everything. "
  + "S selects what is in view, Escape lets go.";

const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const FACTOR = 1.6;
const EDGE = 60;   // pixels within which an item is brought to the middle

/** What a key does; false where it does nothing here. */
export function press(event, looking, open) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const step = STEPS[event.key];
  if (step && event.shiftKey) return done(moveBy(looking, step));
  if (step) return done(goTo(looking, step));
  switch (event.key) {
    case "Enter": return looking.point.value.index >= 0 && done(open(looking.point.value.index));
    case "+": case "=": return done(zoomAtPoint(looking, FACTOR));
    case "-": case "_": return done(zoomAtPoint(looking, 1 / FACTOR));
    case "0": case "Home": return done(easeTo(looking, looking.whole.value));
    case "s": case "S": return done(selectView(looking));
    case "Escape": return done(letGo(looking));
    default: return false;
  }
}

const done = () => true;

function moveBy(looking, [right, down]) {
  const {width, height} = looking.size.value;
  easeTo(looking, movedBy(heading(looking), (-right * width) / 4, (-down * height) / 4));
}

/** The next item in a direction; the first time that nearest to the middle. */
function goTo(looking, step) {
  const {point, points, grid, size: {value: size}} = looking;
  const camera = heading(looking);
  const accepts = isShown(looking);
  const index = willSeePoint(looking)
    ? nextFrom(grid, points, point.value.index, step, accepts)
    : nearestTo(grid, points, camera.x, camera.y, 2, accepts);
  if (index < 0) return;
  point.value = {index, by: "keys"};
  const [left, top] = toScreen(camera, size, points.x[index], points.y[index]);
  if (left < EDGE || top < EDGE || left > size.width - EDGE || top > size.height - EDGE) {
    easeTo(looking, {...camera, x: points.x[index], y: points.y[index]});
  }
}

function willSeePoint(looking) {
  const {point: {value: {index}}, points, size} = looking;
  return index >= 0 && isInView(heading(looking), size.value, points.x[index], points.y[index]);
}

function zoomAtPoint(looking, factor) {
  const {point: {value: {index}}, points, size} = looking;
  if (!willSeePoint(looking)) return zoom(looking, factor);
  return zoom(looking, factor, ...toScreen(heading(looking), size.value, points.x[index], points.y[index]));
}

/** Select all that is in view. */
export function selectView({area, camera, size}) {
  const {width, height} = size.value;
  area.value = areaOf(toMap(camera.value, size.value, 0, 0), toMap(camera.value, size.value, width, height));
}

function letGo(looking) {
  if (looking.area.value) looking.area.value = null;
  else looking.point.value = {index: -1, by: "keys"};
}
