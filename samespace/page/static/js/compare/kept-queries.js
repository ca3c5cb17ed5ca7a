// The queries that are kept for a collection, and the documents marked as good and bad answers to them.
import {collectionPath, request} from "../lib/api.js";
import {html, useEffect, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {notify} from "../lib/notifications.js";
import {textPart, itemPart} from "../search/query.js";

/** A query of the page as the API keeps it; null with a picture in it, which cannot be kept. */
export function keptBody(parts, targets) {
  if (!parts.length || parts.some((each) => each.kind === "picture")) return null;
  return {
    parts: parts.map((each) => ({[each.kind === "words" ? "text" : "item"]: each.value, weight: each.weight})),
    ...(targets ? {targets: [targets]} : {}),
  };
}

const isSame = (kept, body) => {
  const told = (parts) => JSON.stringify(parts.map(({text, item, weight = 1}) => [text ?? null, item ?? null, Number(weight)]));
  return told(kept.parts) === told(body.parts) && JSON.stringify(kept.targets ?? null) === JSON.stringify(body.targets ?? null);
};

/** {queries, keep, forget, mark, find, refresh}: `queries` is null until they are loaded. */
export function useKeptQueries(collection) {
  const [queries, setQueries] = useState(null);
  const path = (...rest) => collectionPath(collection, "queries", ...rest);
  const refresh = () => request("GET", path()).then((answer) => setQueries(answer.queries), (problem) => notify(problem.message));
  useEffect(() => { refresh(); }, [collection]);
  const attempt = (change) => change().then(refresh, (problem) => notify(problem.message));
  return {
    queries,
    refresh,
    find: (body) => (body && queries?.find((each) => isSame(each, body))) || null,
    keep: (body) => attempt(() => request("POST", path(), body)),
    forget: (id) => attempt(() => request("DELETE", path(id))),
    mark: (body, document, good) => attempt(async () => {
      const {id} = await request("POST", path(), body);
      await request("PUT", path(id, "documents", document), {good});
    }),
  };
}

/** A kept query as parts of the page's query. */
const partsOf = (kept) => kept.parts.map(({text, item, weight}) =>
  (item ? itemPart(item, weight, "", `item ${item.slice(0, 8)}`, false) : textPart(text, weight)));

export function KeptQueries({kept, current, onQuery}) {
  if (!kept.queries?.length) return html`<p class="quiet">No queries are kept yet. Keep those that matter: every comparison asks them.</p>`;
  return html`
    <ul class="kept">
      ${kept.queries.map((each) => html`
        <li key=${each.id}>
          <button aria-current=${current?.id === each.id ? "true" : null} onClick=${() => onQuery({parts: partsOf(each), targets: each.targets?.length === 1 ? each.targets[0] : ""})}>
            <span>${each.words}</span>
            ${each.good.length + each.bad.length > 0 && html`<span class="quiet small">${each.good.length} good, ${each.bad.length} bad</span>`}
          </button>
          <button class="icon" aria-label=${`Forget ${each.words}`} title="Forget this query and its marks" onClick=${() => kept.forget(each.id)}><${Icon} name="close" /></button>
        </li>`)}
    </ul>`;
}
