// The result of a classification: for each class its share, the most and the least certain items; and those of no class.
import {formatPercent, pluralize} from "../lib/format.js";
import {html} from "../lib/html.js";
import {handleLinkClick, pathTo} from "../lib/router.js";
import {currentCollection} from "../state/collections.js";
import {Tile} from "./tile.js";

export function Groups({run, targets}) {
  const {state, result, problem} = run;
  if (state === "failed") return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!result) return html`<p class="quiet hint" role="status">${state === "running" ? "Sorting…" : "Name two or more classes: every item is assigned to the nearest one."}</p>`;
  return html`
    <div class=${state === "running" ? "stale" : ""} aria-busy=${state === "running"} onClick=${handleLinkClick}>
      <p class="quiet" role="status">${statusText(state, result)}</p>
      <ul class="groups">
        ${result.labels.map((each) => html`<${Group} key=${each.name} group=${each} total=${result.total} targets=${targets} />`)}
        <${UnassignedGroup} result=${result} />
      </ul>
    </div>`;
}

function statusText(state, result) {
  if (state === "running") return "Sorting again…";
  if (!result.total) return "The collection contains nothing of this kind yet.";
  return `${pluralize(result.total, "item")} sorted`;
}

function Group({group, total, targets}) {
  const {name, count, best, least_certain: leastCertain} = group;
  return html`
    <li class="card">
      <${GroupHeading} name=${name} count=${count} total=${total} />
      ${best.length > 0 && html`<h3>Most certain</h3><ul class="tiles">${best.map((each) => html`<${Tile} key=${each.id} item=${each} />`)}</ul>`}
      ${leastCertain?.length > 0 && count > best.length && html`
        <h3>Least certain</h3><ul class="tiles">${leastCertain.map((each) => html`<${Tile} key=${each.id} item=${each} />`)}</ul>`}
      ${count > best.length && html`<a class="button" href=${pathTo("search", {c: currentCollection.value, q: name, t: targets})}>Search for ${name}</a>`}
    </li>`;
}

function UnassignedGroup({result}) {
  const items = result.none_items;
  return html`
    <li class="card none">
      <${GroupHeading} name="None of these" count=${result.none} total=${result.total} />
      ${items.length > 0 && html`<ul class="tiles">${items.map((each) => html`<${Tile} key=${each.id} item=${each} />`)}</ul>`}
    </li>`;
}

function GroupHeading({name, count, total}) {
  const fraction = total ? count / total : 0;
  return html`
    <h2><span>${name}</span> <span class="count">${count}</span></h2>
    <meter min="0" max="1" value=${fraction} aria-label=${`${formatPercent(fraction)} of all are ${name}`}></meter>`;
}
