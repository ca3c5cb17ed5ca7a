// How a collection falls into classes: of each its share, the surest and the least sure items; and none.
import {follow, pathOf} from "../lib/router.js";
import {many, percent} from "../lib/format.js";
import {current} from "../state/collections.js";
import {html} from "../lib/html.js";
import {Tile} from "./tile.js";

export function Groups({run, targets}) {
  const {state, result, problem} = run;
  if (state === "failed") return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!result) return html`<p class="quiet hint" role="status">${state === "running" ? "Sorting…" : "Name two classes or more, and every item goes into the one it is nearest to."}</p>`;
  return html`
    <div class=${state === "running" ? "stale" : ""} aria-busy=${state === "running"} onClick=${follow}>
      <p class="quiet" role="status">${said(state, result)}</p>
      <ul class="groups">
        ${result.labels.map((each) => html`<${Group} key=${each.name} group=${each} total=${result.total} targets=${targets} />`)}
        <${None} result=${result} />
      </ul>
    </div>`;
}

function said(state, result) {
  if (state === "running") return "Sorting anew…";
  if (!result.total) return "The collection holds nothing of this kind yet.";
  return `${many(result.total, "item")} sorted`;
}

function Group({group, total, targets}) {
  const {name, count, best, least_certain: unsure} = group;
  return html`
    <li class="card">
      <${Head} name=${name} count=${count} total=${total} />
      ${best.length > 0 && html`<h3>Surest</h3><ul class="tiles">${best.map((each) => html`<${Tile} key=${each.id} item=${each} />`)}</ul>`}
      ${unsure?.length > 0 && count > best.length && html`
        <h3>Least sure</h3><ul class="tiles">${unsure.map((each) => html`<${Tile} key=${each.id} item=${each} />`)}</ul>`}
      ${count > best.length && html`<a class="button" href=${pathOf("search", {c: current.value, q: name, t: targets})}>Search for ${name}</a>`}
    </li>`;
}

function None({result}) {
  const items = result.none_items;
  return html`
    <li class="card none">
      <${Head} name="None of these" count=${result.none} total=${result.total} />
      ${items.length > 0 && html`<ul class="tiles">${items.map((each) => html`<${Tile} key=${each.id} item=${each} />`)}</ul>`}
    </li>`;
}

function Head({name, count, total}) {
  const share = total ? count / total : 0;
  return html`
    <h2><span>${name}</span> <span class="count">${count}</span></h2>
    <meter min="0" max="1" value=${share} aria-label=${`${percent(share)} of all are ${name}`}></meter>`;
}
