// Keyboard navigation in a grid of results.

/** The link that a key moves to from the one at `from`; undefined if there is none. */
export function neighbour(links, from, key) {
  const columns = countColumns(links);
  const steps = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns};
  if (key === "Home") return links[0];
  if (key === "End") return links.at(-1);
  const to = from + steps[key];
  return links[key === "ArrowDown" ? Math.min(to, links.length - 1) : to];
}

export const NAVIGATION_KEYS = new Set(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"]);

function countColumns(links) {
  const top = topOf(links[0]);
  const next = links.findIndex((link) => topOf(link) > top);
  return next < 0 ? links.length : next;
}

const topOf = (link) => link.closest("li").offsetTop;
