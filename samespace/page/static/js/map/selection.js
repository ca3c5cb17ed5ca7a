// The selected area: counts, a search within it, and a list of its items.
import {html, useEffect, useState} from "../lib/html.js";
import {isThumbnailItem} from "../lib/modalities.js";
import {notify} from "../lib/notifications.js";
import {pathTo} from "../lib/router.js";
import {areaFilter, countWithin} from "./area.js";
import {eachWithin} from "./grid.js";
import {thumbnailOf} from "./item-cache.js";
import {describeCounts, idAt} from "./points.js";

const MAX_LISTED = 60;

export function Selection({view, items, collection}) {
  const [open, setOpen] = useState(false);
  const area = view.area.value;
  const counts = area && countWithin(view.grid, view.points, area);
  const isEmpty = !counts || counts.every((count) => count === 0);
  return html`
    <div class="selection" role="group" aria-label="Selected area" hidden=${!area}>
      <p role="status">${area ? `${describeCounts(counts)} selected` : ""}</p>
      <div class="buttons">
        ${!isEmpty && html`
          <a class="button main" href=${pathTo("search", {c: collection, f: areaFilter(area)})}>Search in this area</a>
          <button aria-expanded=${open} onClick=${() => setOpen(!open)}>List</button>`}
        <button onClick=${() => { view.area.value = null; }}>Clear selection</button>
      </div>
      ${open && !isEmpty && html`<${ItemList} view=${view} items=${items} collection=${collection} area=${area} />`}
    </div>`;
}

function ItemList({view, items, collection, area}) {
  const [listed, setListed] = useState([]);
  const ids = idsIn(view, area);
  useEffect(() => {
    const controller = new AbortController();
    items.load(ids, controller.signal).then(
      (loaded) => setListed(loaded.filter(Boolean)),
      (problem) => { if (problem.name !== "AbortError") notify(problem.message); },
    );
    return () => controller.abort();
  }, [ids.join()]);
  return html`
    <ul class="listed">${listed.map((item) => html`
      <li key=${item.id}>
        <a href=${pathTo("document", {c: collection, d: item.document_id, i: item.id, page: item.page})}>
          ${isThumbnailItem(item) && html`<img loading="lazy" src=${thumbnailOf(collection, item)} alt="" />`}
          <span>${item.document_name}${item.page ? `, page ${item.page}` : ""}</span>
          ${item.text && html`<span class="quiet line">${item.text}</span>`}
        </a>
      </li>`)}
    </ul>`;
}

/** The ids of the items in an area that are nearest to its centre. */
function idsIn({grid, points}, area) {
  const middle = [(area[0] + area[2]) / 2, (area[1] + area[3]) / 2];
  const distances = [];
  eachWithin(grid, points, area, (index) => distances.push([Math.hypot(points.x[index] - middle[0], points.y[index] - middle[1]), index]));
  return distances.sort(([one], [other]) => one - other).slice(0, MAX_LISTED).map(([, index]) => idAt(points.ids, index));
}
