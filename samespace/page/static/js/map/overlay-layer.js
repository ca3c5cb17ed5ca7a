// The layer above the points: labels, the active point, the selection.
import {toScreen} from "./camera.js";
import {NAME_WIDTH, sizeOf} from "./labels.js";
import {radiusAt} from "./points-layer.js";
import {hasThumbnailAt, idAt} from "./points.js";
import {positionOf} from "./view-state.js";

const NAME_GAP = 14;   // from the centre of a point

/** A function that draws the overlay on a canvas. */
export function createOverlayLayer(canvas) {
  const context = canvas.getContext("2d");
  return (view, ratio, colours, items) => {
    clear(context, view.size.value, ratio);
    drawLabels(context, view, colours, items);
    drawPoint(context, view, colours, items);
    drawArea(context, view, view.draggedArea.value ?? view.area.value, colours);
  };
}

function clear(context, size, ratio) {
  const {canvas} = context;
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
}

function drawLabels(context, view, colours, items) {
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const {index, id} of view.labels.value) {
    const item = items.find(id);
    if (!item) continue;
    const [left, top] = positionOf(view, index);
    if (hasThumbnailAt(view.points, index)) drawPicture(context, items.picture(id), left, top, colours);
    else drawName(context, item.document_name, left, top, colours);
  }
}

function drawPicture(context, bitmap, left, top, colours) {
  if (!bitmap) return;
  const [width, height] = sizeOf(bitmap);
  context.fillStyle = css(colours.picture);
  context.fillRect(left - width / 2 - 2, top - height / 2 - 2, width + 4, height + 4);
  context.fillStyle = css(colours.ground);   // behind transparent pictures
  context.fillRect(left - width / 2, top - height / 2, width, height);
  context.drawImage(bitmap, left - width / 2, top - height / 2, width, height);
}

function drawName(context, name, left, top, colours) {
  const shown = truncate(context, name, NAME_WIDTH - NAME_GAP);
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = css(colours.ground);
  context.strokeText(shown, left + NAME_GAP, top);
  context.fillStyle = css(colours.text);
  context.fillText(shown, left + NAME_GAP, top);
}

function truncate(context, name, width) {
  if (context.measureText(name).width <= width) return name;
  let length = Math.min(name.length, 40);
  while (length > 1 && context.measureText(`${name.slice(0, length)}…`).width > width) length -= 1;
  return `${name.slice(0, length)}…`;
}

function drawPoint(context, view, colours, items) {
  const {index} = view.point.value;
  if (index < 0) return;
  const [left, top] = positionOf(view, index);
  const bitmap = view.labels.value.some((each) => each.index === index) && items.picture(idAt(view.points.ids, index));
  const path = new Path2D();
  if (bitmap) {
    const [width, height] = sizeOf(bitmap);
    path.rect(left - width / 2 - 4, top - height / 2 - 4, width + 8, height + 8);
  } else {
    path.arc(left, top, radiusAt(view.camera.value.scale, view.points.count) + 4, 0, 2 * Math.PI);
  }
  strokeOutline(context, path, colours);
}

/** A dark and a light line are visible on any background. */
function strokeOutline(context, path, colours) {
  for (const [width, colour] of [[5, colours.ground], [2.5, colours.text]]) {
    context.lineWidth = width;
    context.strokeStyle = css(colour);
    context.stroke(path);
  }
}

function drawArea(context, view, area, colours) {
  if (!area) return;
  const {camera, size} = view;
  const [left, top] = toScreen(camera.value, size.value, area[0], area[1]);
  const [right, bottom] = toScreen(camera.value, size.value, area[2], area[3]);
  context.fillStyle = css(colours.accent, 0.14);
  context.fillRect(left, top, right - left, bottom - top);
  context.lineWidth = 2;
  context.strokeStyle = css(colours.accent);
  context.setLineDash([6, 4]);
  context.strokeRect(left, top, right - left, bottom - top);
  context.setLineDash([]);
}

const css = ([red, green, blue], alpha = 1) => `rgb(${red} ${green} ${blue} / ${alpha})`;
