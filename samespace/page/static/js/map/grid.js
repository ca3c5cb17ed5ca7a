// A spatial index: points in square cells, so that a rectangle is searched without visiting all of them.

const POINTS_PER_CELL = 4;
const MAX_SIDE = 256;

const cellOf = (value, side) => Math.min(side - 1, Math.max(0, Math.floor(value * side)));

/** `order` lists the points cell by cell, `start` is where each cell begins in it. */
export function createGrid({count, x, y}) {
  const side = Math.max(1, Math.min(MAX_SIDE, Math.ceil(Math.sqrt(count / POINTS_PER_CELL))));
  const start = new Uint32Array(side * side + 1);
  const cells = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    cells[at] = cellOf(y[at], side) * side + cellOf(x[at], side);
    start[cells[at] + 1] += 1;
  }
  for (let cell = 0; cell < side * side; cell++) start[cell + 1] += start[cell];
  const next = start.slice();
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at++) order[next[cells[at]]++] = at;
  return {side, start, order};
}

/** Call `visit(from, to)` for ranges of `order` that contain every point of an area, and some around it. */
export function eachRange({side, start}, [x0, y0, x1, y1], visit) {
  const left = cellOf(x0, side);
  const right = cellOf(x1, side);
  for (let row = cellOf(y0, side); row <= cellOf(y1, side); row++) {
    visit(start[row * side + left], start[row * side + right + 1]);
  }
}

/** Call `visit(index)` for every point in an area, its edges included. */
export function eachWithin(grid, {x, y}, area, visit) {
  const [x0, y0, x1, y1] = area;
  eachRange(grid, area, (from, to) => {
    for (let at = from; at < to; at++) {
      const index = grid.order[at];
      if (x[index] >= x0 && x[index] <= x1 && y[index] >= y0 && y[index] <= y1) visit(index);
    }
  });
}

const around = (x, y, radius) => [x - radius, y - radius, x + radius, y + radius];

/** The accepted point nearest to a position within a radius, or -1. */
export function nearestTo(grid, points, x, y, radius, accepts) {
  let nearest = -1;
  let smallest = radius * radius;
  eachWithin(grid, points, around(x, y, radius), (index) => {
    const distance = (points.x[index] - x) ** 2 + (points.y[index] - y) ** 2;
    if (distance > smallest || !accepts(index)) return;
    smallest = distance;
    nearest = index;
  });
  return nearest;
}

/** The next point in a direction (a unit vector along an axis): the nearest within 45 degrees of it, or -1. */
export function nextFrom(grid, points, from, [stepX, stepY], accepts) {
  for (let radius = 1 / grid.side; radius < 4; radius *= 2) {
    let nearest = -1;
    let smallest = radius;  // farther ones may lie outside of this square
    eachWithin(grid, points, around(points.x[from], points.y[from], radius), (index) => {
      const dx = points.x[index] - points.x[from];
      const dy = points.y[index] - points.y[from];
      const along = dx * stepX + dy * stepY;
      const distance = Math.hypot(dx, dy);
      if (along <= 0 || along * Math.SQRT2 < distance || distance > smallest || !accepts(index)) return;
      smallest = distance;
      nearest = index;
    });
    if (nearest >= 0) return nearest;
  }
  return -1;
}
