// What the rectangle holds, and what can be done with it.
import {pathOf} from "../lib/router.js";
import {html, useEffect, useState} from "../lib/html.js";
import {say} from "../lib/notifications.js";
import {filterOf, tallyWithin} from "./area.js";
import {eachWithin} from "./grid.js";
import {hasPicture, pictureOf} from "./item-cache.js";
import {idAt, inWords} from "./points.js";

const LISTED = 60;

export function Selection({looking, items, collection}) {
  const [open, setOpen] = useState(false);
  const area = looking.area.value;
  const counts = area && tallyWithin(looking.grid, looking.points, area);
  const isEmpty = !counts || counts.passages + counts.pictures === 0;
  return html`
    <div class="selection" role="group" aria-label="Selected area" hidden=${!area}>
      <p role="status">${area ? `${inWords(counts)} selected` : ""}</p>
      <div class="buttons">
        ${!isEmpty && html`
          <a class="button main" href=${pathOf("search", {c: collection, f: filterOf(area)})}>Search in here</a>
          <button aria-expanded=${open} onClick=${() => setOpen(!open)}>List</button>`}
        <button onClick=${() => { looking.area.value = null; }}>Let go</button>
      </div>
      ${open && !isEmpty && html`<${Listed} looking=${looking} items=${items} collection=${collection} area=${area} />`}
    </div>`;
}

function Listed({looking, items, collection, area}) {
  const [found, setFound] = useState([]);
  const ids = idsIn(looking, area);
  useEffect(() => {
    const leave = new AbortController();
    items.load(ids, leave.signal).then(
      (some) => setFound(some.filter(Boolean)),
      (problem) => { if (problem.name !== "AbortError") say(problem.message); },
    );
    return () => leave.abort();
  }, [ids.join()]);
  return html`
    <ul class="listed">${found.map((item) => html`
      <li key=${item.id}>
        <a href=${pathOf("document", {c: collection, d: item.document_id, i: item.id, page: item.page})}>
          ${hasPicture(item) && html`<img loading="lazy" src=${pictureOf(collection, item)} alt="" />`}
          <span>${item.document_name}${item.page ? `, page ${item.page}` : ""}</span>
          ${item.text && html`<span class="quiet line">${item.text}</span>`}
        </a>
      </li>`)}
    </ul>`;
}

/** Some of the items in an area, those nearest to its middle. */
function idsIn({grid, points}, area) {
  const middle = [(area[0] + area[2]) / 2, (area[1] + area[3]) / 2];
  const found = [];
  eachWithin(grid, points, area, (index) => found.push([Math.hypot(points.x[index] - middle[0], points.y[index] - middle[1]), index]));
  return found.sort(([one], [other]) => one - other).slice(0, LISTED).map(([, index]) => idAt(points.ids, index));
}
