// View: a map of the collection, where similar items are close together.
import {html, useEffect, useState} from "../lib/html.js";
import {handleLinkClick, pathTo} from "../lib/router.js";
import {loadPoints} from "../map/load-points.js";
import {MapJob, useMapJob} from "../map/map-job.js";
import {Plot} from "../map/plot.js";
import {collections, currentCollection, refreshCollections} from "../state/collections.js";

export function MapView() {
  const name = currentCollection.value;
  if (!name) return html`<p class="empty">There is no collection yet. <a href=${pathTo("add")} onClick=${handleLinkClick}>Add something</a></p>`;
  return html`
    <section class="mapview" onClick=${handleLinkClick}>
      <h1 class="hidden">Map of ${name}</h1>
      <${Content} key=${name} collection=${name} />
    </section>`;
}

function Content({collection}) {
  const [loaded, setLoaded] = useState({state: "loading"});
  const [attempt, setAttempt] = useState(0);
  const mapJob = useMapJob(collection, () => setAttempt((previous) => previous + 1));
  useEffect(() => {
    const controller = new AbortController();
    loadPoints(collection, controller.signal).then(
      (points) => setLoaded(points ? {state: "ready", points} : {state: "none"}),
      (problem) => { if (problem.name !== "AbortError") setLoaded({state: "failed", problem}); },
    );
    refreshCollections().catch(() => {});  // for the current number of items
    return () => controller.abort();
  }, [collection, attempt]);
  if (loaded.state === "loading") return html`<p class="quiet" role="status">Loading the map…</p>`;
  if (loaded.state === "failed") {
    return html`<p class="bad" role="alert">${loaded.problem.message}</p><p><button onClick=${() => setAttempt((previous) => previous + 1)}>Try again</button></p>`;
  }
  if (loaded.state === "none" || !loaded.points.count) return html`<${NoMap} collection=${collection} mapJob=${mapJob} />`;
  return html`<${MapStatus} points=${loaded.points} mapJob=${mapJob} /><${Plot} points=${loaded.points} collection=${collection} />`;
}

function NoMap({collection, mapJob}) {
  const items = collections.value.find((each) => each.name === collection)?.items;
  if (items === 0) {
    return html`
      <div class="empty"><p>${collection} is empty: there is nothing to make a map of.</p>
        <a class="button main" href=${pathTo("add", {c: collection})}>Add something</a></div>`;
  }
  return html`
    <div class="empty">
      <p>A map lays out all ${items ?? ""} items of ${collection} by meaning: similar items are close together.</p>
      ${!mapJob.job && !mapJob.problem && html`<button class="main" onClick=${mapJob.start}>Make the map</button>`}
      <${MapJob} ...${mapJob} />
    </div>`;
}

/** Notes if the map is outdated or incomplete. */
function MapStatus({points, mapJob}) {
  const {count, total, fresh} = points;
  return html`
    <div class="map-status">
      ${!fresh && !mapJob.job && !mapJob.problem && html`
        <p class="poor">The collection has changed since this map was made.</p> <button onClick=${mapJob.start}>Update the map</button>`}
      ${count < total && html`<p class="quiet">${count.toLocaleString("en")} of ${total.toLocaleString("en")} items are on it.</p>`}
      <${MapJob} ...${mapJob} />
    </div>`;
}
