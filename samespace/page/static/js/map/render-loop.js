// Redraws the canvases when the state has changed, at most once a frame.
import {onThemeChange, readColours} from "./colours.js";
import {createOverlayLayer} from "./overlay-layer.js";
import {createPointsLayer} from "./points-layer.js";

const MAX_PIXEL_RATIO = 2;   // beyond it there is no visible difference, only cost

export const pixelRatio = () => Math.min(MAX_PIXEL_RATIO, devicePixelRatio || 1);

/** Keep both canvases up to date; returns {redrawOverlay, stop}. */
export function startRenderLoop(view, pointsCanvas, overlayCanvas, items) {
  const paintPoints = createPointsLayer(pointsCanvas);
  const paintOverlay = createOverlayLayer(overlayCanvas);
  let colours = readColours(pointsCanvas.parentElement);
  let frame = 0;
  let redrawPoints = true;
  const draw = () => {
    frame = 0;
    if (redrawPoints) paintPoints(view, pixelRatio(), colours);
    paintOverlay(view, pixelRatio(), colours, items);
    redrawPoints = false;
  };
  const schedule = (withPoints) => {
    redrawPoints ||= withPoints;
    frame ||= requestAnimationFrame(draw);
  };
  const stops = [
    ...[view.camera, view.size, view.visible].map((each) => each.subscribe(() => schedule(true))),
    ...[view.point, view.draggedArea, view.area, view.labels].map((each) => each.subscribe(() => schedule(false))),
    onThemeChange(() => {
      colours = readColours(pointsCanvas.parentElement);
      schedule(true);
    }),
  ];
  return {
    redrawOverlay: () => schedule(false),
    stop: () => {
      stops.forEach((stop) => stop());
      cancelAnimationFrame(frame);
    },
  };
}
