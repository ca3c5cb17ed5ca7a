// The items of a document, a part of them at a time, opened at the one that was found.
import {follow, pathOf} from "../lib/router.js";
import {many} from "../lib/format.js";
import {ask, inCollection} from "../lib/api.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {writePart, item as itemPart} from "../search/query.js";

const PAGE = 100;

export function Passages({collection, document, wanted}) {
  const [{items, start, total, problem}, setFound] = useState({});
  const end = useRef(null);
  const load = (query) => ask("GET", `${inCollection(collection, "documents", document.id, "items")}?${new URLSearchParams({texts: true, limit: PAGE, ...query})}`);
  useEffect(() => {
    let isOver = false;
    load(wanted ? {near: wanted} : {}).then((found) => { if (!isOver) setFound(found); }, (error) => { if (!isOver) setFound({problem: error}); });
    return () => { isOver = true; };
  }, [collection, document.id, document.version, document.is_live, wanted]);
  const later = useRef(() => {});
  later.current = async () => {
    const more = await load({start: start + items.length}).catch(() => ({items: []}));
    setFound((before) => (before.start + before.items.length === more.start ? {...before, items: [...before.items, ...more.items]} : before));
  };
  const earlier = async () => {
    const from = Math.max(0, start - PAGE);
    const more = await load({start: from, limit: start - from});
    setFound((before) => ({...before, start: from, items: [...more.items, ...before.items]}));
  };
  const isMore = items && start + items.length < total;
  useEffect(() => {
    if (!isMore) return undefined;
    const seen = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) later.current(); }, {rootMargin: "800px"});
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [isMore, items?.length]);
  if (problem) return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!items) return html`<p class="quiet" role="status">Loading…</p>`;
  const isPicture = document.media_type.startsWith("image/");
  return html`
    <div onClick=${follow}>
      ${!isPicture && html`<p class="quiet" role="status">${total ? many(total, "passage") : "Nothing of it can be found yet."}</p>`}
      ${start > 0 && html`<p><button onClick=${earlier}>Earlier passages</button></p>`}
      <ol class="passages">${items.map((each) => html`<${Passage} key=${each.id} item=${each} isWanted=${each.id === wanted} collection=${collection} document=${document} isAlone=${isPicture} />`)}</ol>
      <div ref=${end} class="further">${isMore && html`<button onClick=${() => later.current()}>Further passages</button>`}</div>
    </div>`;
}

function Passage({item, isWanted, collection, document, isAlone}) {
  const line = useRef(null);
  useEffect(() => { if (isWanted && !isAlone) settle(line.current); }, [isWanted]);
  const isPicture = item.modality === "image";
  const part = itemPart(item.id, 1, document.id, document.name, isPicture && document.media_type.startsWith("image/"));
  const about = isPicture ? document.name : (item.text ?? "").slice(0, 40);
  return html`
    <li ref=${line} class=${isAlone ? "alone" : isWanted ? "wanted" : ""} tabindex=${isWanted && !isAlone ? -1 : null}>
      ${isWanted && !isAlone && html`<strong class="found">Found here</strong>`}
      ${item.page && html`<span class="page">page ${item.page}</span>`}
      ${!isAlone && (isPicture ? html`<em class="quiet">a picture</em>` : html`<p>${item.text}</p>`)}
      <a class="more" href=${pathOf("search", {c: collection, p: writePart(part)})} aria-label=${`More like ${about}`}>More like this</a>
    </li>`;
}

/** Scroll to it, and again once what is above it has taken its real height. */
function settle(line) {
  line.scrollIntoView({block: "center"});
  requestAnimationFrame(() => requestAnimationFrame(() => line.scrollIntoView({block: "center"})));
}
