// One event stream for the page: what happens to the documents of a collection.
import {batch, signal} from "./html.js";
import {uploads} from "./uploads.js";

/** The unfinished jobs of the collection that is followed, newest first. */
export const jobs = signal([]);

/** Follow a collection until the returned function is called. */
export function followCollection(name) {
  const source = new EventSource(`/v1/collections/${encodeURIComponent(name)}/events`);
  source.addEventListener("jobs", (event) => { jobs.value = JSON.parse(event.data); });
  source.addEventListener("documents", (event) => apply(JSON.parse(event.data)));
  return () => source.close();
}

function apply(changes) {
  const byId = new Map(changes.map((each) => [each.id, each]));
  batch(() => {
    for (const upload of uploads.value) {
      const change = byId.get(upload.state.value.document);
      if (change) upload.state.value = {...upload.state.value, ...change, name: change.state};
    }
  });
}

/** The view of a job once it has come to its end. */
export function jobEnds(id) {
  return new Promise((resolve) => {
    const source = new EventSource(`/v1/jobs/${id}/events`);
    source.addEventListener("done", (event) => {
      source.close();
      resolve(JSON.parse(event.data));
    });
  });
}
