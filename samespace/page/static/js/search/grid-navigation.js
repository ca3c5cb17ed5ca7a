// Arrow keys lead through a grid as the eye does.

/** The link that a key leads to from the one at `from`; undefined where there is none. */
export function neighbour(links, from, key) {
  const columns = columnsOf(links);
  const steps = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns};
  if (key === "Home") return links[0];
  if (key === "End") return links.at(-1);
  const to = from + steps[key];
  return links[key === "ArrowDown" ? Math.min(to, links.length - 1) : to];
}

export const LEADING = new Set(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"]);

function columnsOf(links) {
  const top = topOf(links[0]);
  const next = links.findIndex((link) => topOf(link) > top);
  return next < 0 ? links.length : next;
}

const topOf = (link) => link.closest("li").offsetTop;
