// The items of a document, loaded page by page around the one that was found.
import {collectionPath, request} from "../lib/api.js";
import {pluralize} from "../lib/format.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {hasThumbnail, modalityOf} from "../lib/modalities.js";
import {handleLinkClick, pathTo} from "../lib/router.js";
import {useListEnd} from "../lib/scroll.js";
import {itemPart, serializePart} from "../search/query.js";

const PAGE_SIZE = 100;

export function Passages({collection, document, targetId}) {
  const [{items, start, total, problem}, setPage] = useState({});
  const load = (query) => request("GET", `${collectionPath(collection, "documents", document.id, "items")}?${new URLSearchParams({texts: true, limit: PAGE_SIZE, ...query})}`);
  useEffect(() => {
    let isUnmounted = false;
    load(targetId ? {near: targetId} : {}).then((page) => { if (!isUnmounted) setPage(page); }, (error) => { if (!isUnmounted) setPage({problem: error}); });
    return () => { isUnmounted = true; };
  }, [collection, document.id, document.version, document.is_live, targetId]);
  const loadFurther = async () => {
    const page = await load({start: start + items.length}).catch(() => ({items: []}));
    setPage((previous) => (previous.start + previous.items.length === page.start ? {...previous, items: [...previous.items, ...page.items]} : previous));
  };
  const loadEarlier = async () => {
    const from = Math.max(0, start - PAGE_SIZE);
    const page = await load({start: from, limit: start - from});
    setPage((previous) => ({...previous, start: from, items: [...page.items, ...previous.items]}));
  };
  const hasMore = items && start + items.length < total;
  const listEnd = useListEnd(hasMore, loadFurther, [start, items?.length]);
  if (problem) return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!items) return html`<p class="quiet" role="status">Loading…</p>`;
  const isOnlyItem = hasThumbnail(document.media_type);
  return html`
    <div onClick=${handleLinkClick}>
      ${!isOnlyItem && html`<p class="quiet" role="status">${total ? pluralize(total, "passage") : "Nothing of it is searchable yet."}</p>`}
      ${start > 0 && html`<p><button onClick=${loadEarlier}>Earlier passages</button></p>`}
      <ol class="passages">${items.map((each) => html`<${Passage} key=${each.id} item=${each} isTarget=${each.id === targetId} collection=${collection} document=${document} isOnlyItem=${isOnlyItem} />`)}</ol>
      <div ref=${listEnd} class="further">${hasMore && html`<button onClick=${loadFurther}>Further passages</button>`}</div>
    </div>`;
}

function Passage({item, isTarget, collection, document, isOnlyItem}) {
  const row = useRef(null);
  useEffect(() => { if (isTarget && !isOnlyItem) scrollToRow(row.current); }, [isTarget]);
  const modality = modalityOf(item.modality);
  const isText = modality.preview === "text";
  const part = itemPart(item.id, 1, document.id, document.name, !isText && isOnlyItem);
  const label = isText ? (item.text ?? "").slice(0, 40) : document.name;
  return html`
    <li ref=${row} class=${isOnlyItem ? "single" : isTarget ? "target" : ""} tabindex=${isTarget && !isOnlyItem ? -1 : null}>
      ${isTarget && !isOnlyItem && html`<strong class="found">Found here</strong>`}
      ${item.page && html`<span class="page">page ${item.page}</span>`}
      ${!isOnlyItem && (isText ? html`<p>${item.text}</p>` : html`<em class="quiet">a ${modality.label.toLowerCase()}</em>`)}
      <a class="more" href=${pathTo("search", {c: collection, p: serializePart(part)})} aria-label=${`More like ${label}`}>More like this</a>
    </li>`;
}

/** Scroll to a row, and again once the rows above it have got their real height (content-visibility). */
function scrollToRow(row) {
  row.scrollIntoView({block: "center"});
  requestAnimationFrame(() => requestAnimationFrame(() => row.scrollIntoView({block: "center"})));
}
