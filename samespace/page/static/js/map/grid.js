// The points in square cells, so that what lies in a rectangle is found without looking at all of them.

const POINTS_PER_CELL = 4;
const LARGEST_SIDE = 256;

const cellOf = (value, side) => Math.min(side - 1, Math.max(0, Math.floor(value * side)));

/** `order` names the points cell by cell, `start` where each cell begins in it. */
export function gridOf({count, x, y}) {
  const side = Math.max(1, Math.min(LARGEST_SIDE, Math.ceil(Math.sqrt(count / POINTS_PER_CELL))));
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

/** Call `visit(from, to)` for stretches of `order` that hold every point of an area, and some beside it. */
export function eachStretch({side, start}, [x0, y0, x1, y1], visit) {
  const left = cellOf(x0, side);
  const right = cellOf(x1, side);
  for (let row = cellOf(y0, side); row <= cellOf(y1, side); row++) {
    visit(start[row * side + left], start[row * side + right + 1]);
  }
}

/** Call `visit(index)` for every point in an area, its edges included. */
export function eachWithin(grid, {x, y}, area, visit) {
  const [x0, y0, x1, y1] = area;
  eachStretch(grid, area, (from, to) => {
    for (let at = from; at < to; at++) {
      const index = grid.order[at];
      if (x[index] >= x0 && x[index] <= x1 && y[index] >= y0 && y[index] <= y1) visit(index);
    }
  });
}

const around = (x, y, reach) => [x - reach, y - reach, x + reach, y + reach];

/** The point nearest to a place, no farther than `reach`; -1 where there is none. */
export function nearestTo(grid, points, x, y, reach, accepts) {
  let found = -1;
  let least = reach * reach;
  eachWithin(grid, points, around(x, y, reach), (index) => {
    const distance = (points.x[index] - x) ** 2 + (points.y[index] - y) ** 2;
    if (distance > least || !accepts(index)) return;
    least = distance;
    found = index;
  });
  return found;
}

/** The next point from one in a direction (a unit step along one axis): the nearest that lies more along it than across. */
export function nextFrom(grid, points, from, [stepX, stepY], accepts) {
  for (let reach = 1 / grid.side; reach < 4; reach *= 2) {
    let found = -1;
    let least = reach;  // farther ones may be missed by this round's square
    eachWithin(grid, points, around(points.x[from], points.y[from], reach), (index) => {
      const dx = points.x[index] - points.x[from];
      const dy = points.y[index] - points.y[from];
      const along = dx * stepX + dy * stepY;
      const distance = Math.hypot(dx, dy);
      if (along <= 0 || along * Math.SQRT2 < distance || distance > least || !accepts(index)) return;
      least = distance;
      found = index;
    });
    if (found >= 0) return found;
  }
  return -1;
}
