// Draws when something has changed, once a frame at most, and not otherwise.
import {onTheme, readColours} from "./colours.js";
import {createOverlay} from "./overlay-layer.js";
import {createPainter} from "./points-layer.js";

const LARGEST_RATIO = 2;   // beyond it one sees no difference, and each frame costs twice as much

export const pixelRatio = () => Math.min(LARGEST_RATIO, devicePixelRatio || 1);

/** Keep two canvases in step with what is looked at; answers `again`, to draw the upper one anew, and `stop`. */
export function keepDrawn(looking, lower, upper, items) {
  const paintPoints = createPainter(lower);
  const paintOver = createOverlay(upper);
  let colours = readColours(lower.parentElement);
  let frame = 0;
  let points = true;
  const draw = () => {
    frame = 0;
    if (points) paintPoints(looking, pixelRatio(), colours);
    paintOver(looking, pixelRatio(), colours, items);
    points = false;
  };
  const schedule = (all) => {
    points ||= all;
    frame ||= requestAnimationFrame(draw);
  };
  const stops = [
    ...[looking.camera, looking.size, looking.shown].map((each) => each.subscribe(() => schedule(true))),
    ...[looking.point, looking.drawn, looking.area, looking.near].map((each) => each.subscribe(() => schedule(false))),
    onTheme(() => {
      colours = readColours(lower.parentElement);
      schedule(true);
    }),
  ];
  return {
    again: () => schedule(false),
    stop: () => {
      stops.forEach((stop) => stop());
      cancelAnimationFrame(frame);
    },
  };
}
