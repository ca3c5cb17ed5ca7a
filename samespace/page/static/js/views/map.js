// The collection as points by meaning: what is alike lies together.
import {follow, pathOf} from "../lib/router.js";
import {collections, current, refreshCollections} from "../state/collections.js";
import {html, useEffect, useState} from "../lib/html.js";
import {loadPoints} from "../map/load-points.js";
import {Making, useMaking} from "../map/map-job.js";
import {Plot} from "../map/plot.js";

export function MapView() {
  const name = current.value;
  if (!name) return html`<p class="empty">There is no collection to look at yet. <a href=${pathOf("add")} onClick=${follow}>Add something</a></p>`;
  return html`
    <section class="mapview" onClick=${follow}>
      <h1 class="hidden">Map of ${name}</h1>
      <${Content} key=${name} collection=${name} />
    </section>`;
}

function Content({collection}) {
  const [found, setFound] = useState({state: "loading"});
  const [turn, setTurn] = useState(0);
  const making = useMaking(collection, () => setTurn((before) => before + 1));
  useEffect(() => {
    const leave = new AbortController();
    loadPoints(collection, leave.signal).then(
      (points) => setFound(points ? {state: "ready", points} : {state: "none"}),
      (problem) => { if (problem.name !== "AbortError") setFound({state: "failed", problem}); },
    );
    refreshCollections().catch(() => {});  // how many items there are, as of now
    return () => leave.abort();
  }, [collection, turn]);
  if (found.state === "loading") return html`<p class="quiet" role="status">Loading the map…</p>`;
  if (found.state === "failed") {
    return html`<p class="bad" role="alert">${found.problem.message}</p><p><button onClick=${() => setTurn((before) => before + 1)}>Try again</button></p>`;
  }
  if (found.state === "none" || !found.points.count) return html`<${NoMap} collection=${collection} making=${making} />`;
  return html`<${Standing} points=${found.points} making=${making} /><${Plot} points=${found.points} collection=${collection} />`;
}

function NoMap({collection, making}) {
  const items = collections.value.find((each) => each.name === collection)?.items;
  if (items === 0) {
    return html`
      <div class="empty"><p>There is nothing in ${collection} to make a map of.</p>
        <a class="button main" href=${pathOf("add", {c: collection})}>Add something</a></div>`;
  }
  return html`
    <div class="empty">
      <p>A map lays out all ${items ?? ""} items of ${collection} by what they mean: what is alike lies together.</p>
      ${!making.job && !making.problem && html`<button class="main" onClick=${making.make}>Make the map</button>`}
      <${Making} ...${making} />
    </div>`;
}

/** Whether the map is that of the collection as it is. */
function Standing({points, making}) {
  const {count, total, fresh} = points;
  return html`
    <div class="standing">
      ${!fresh && !making.job && !making.problem && html`
        <p class="poor">The collection has changed since.</p> <button onClick=${making.make}>Make the map anew</button>`}
      ${count < total && html`<p class="quiet">${count.toLocaleString("en")} of ${total.toLocaleString("en")} items are on it.</p>`}
      <${Making} ...${making} />
    </div>`;
}
