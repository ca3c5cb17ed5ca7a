// The documents of a collection, newest first, filtered by state and name, with retry, cancel and delete.
import {ConfirmButton} from "../components/confirm.js";
import {collectionPath, request} from "../lib/api.js";
import {formatBytes, formatDateTime} from "../lib/format.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {orNotify} from "../lib/notifications.js";
import {handleLinkClick, navigate, pathTo, route} from "../lib/router.js";
import {collections, currentCollection, DOCUMENT_STATES} from "../state/collections.js";

const PAGE_SIZE = 100;
const POLL_MS = 3000;
const DEBOUNCE_MS = 300;

export function DocumentList() {
  const {params} = route.value;
  const filter = {state: params.get("state") ?? "", name: params.get("name") ?? ""};
  const list = useList(currentCollection.value, filter);
  const setFilter = (changes) => navigate("collections", {c: currentCollection.value, list: 1, ...filter, ...changes}, {replace: true});
  const counts = collections.value.find((each) => each.name === currentCollection.value)?.documents ?? {};
  return html`
    <section class="documents" onClick=${handleLinkClick}>
      <p><a href=${pathTo("collections", {c: currentCollection.value})}>All collections</a></p>
      <h1>Documents of ${currentCollection.value}</h1>
      <form class="row" onSubmit=${(event) => event.preventDefault()}>
        <${NameFilter} name=${filter.name} onChange=${(name) => setFilter({name})} />
        <label>State
          <select value=${filter.state} onChange=${(event) => setFilter({state: event.target.value})}>
            <option value="">any</option>
            ${DOCUMENT_STATES.map((state) => html`<option key=${state} value=${state}>${state} (${counts[state] ?? 0})</option>`)}
          </select></label>
        ${filter.state === "failed" && list.documents?.length > 0 && html`<button type="button" class="needs-write" onClick=${() => retryAll(list)}><${Icon} name="retry" /> Try all again</button>`}
      </form>
      <${Rows} list=${list} filter=${filter} />
    </section>`;
}

function NameFilter({name, onChange}) {
  const timer = useRef(0);
  const onInput = (event) => {
    const {value} = event.target;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(value.trim()), DEBOUNCE_MS);
  };
  return html`<label>Name contains <input type="search" value=${name} onInput=${onInput} maxlength="200" autocomplete="off" /></label>`;
}

/** {documents, next, problem, loadMore, reload}: the pages loaded so far; the first one is polled. */
function useList(collection, {state, name}) {
  const [list, setList] = useState({});
  const load = async (after, limit) => {
    const query = new URLSearchParams({newest: true, limit, ...(state ? {state} : {}), ...(name ? {name} : {}), ...(after ? {after} : {})});
    return request("GET", `${collectionPath(collection, "documents")}?${query}`);
  };
  useEffect(() => {
    let isUnmounted = false;
    const poll = async () => {
      if (document.hidden) return;
      try {
        const {documents, next} = await load("", PAGE_SIZE);
        if (!isUnmounted) setList((previous) => merge(previous, documents, next));
      } catch (problem) {
        if (!isUnmounted) setList({problem});
      }
    };
    setList({});
    poll();
    const timer = setInterval(poll, POLL_MS);
    return () => { isUnmounted = true; clearInterval(timer); };
  }, [collection, state, name]);
  const loadMore = async () => {
    const {documents, next} = await load(list.next, PAGE_SIZE);
    setList((previous) => ({...previous, documents: [...previous.documents, ...documents], next}));
  };
  const reload = () => load("", PAGE_SIZE).then(({documents, next}) => setList({documents, next}));
  return {...list, loadMore, reload};
}

/** Replace what is on the first page by its latest version; returns the same object if nothing has changed. */
function merge(previous, documents, next) {
  if (!previous.documents || previous.documents.length <= PAGE_SIZE) {
    const isSame = previous.next === next && JSON.stringify(previous.documents) === JSON.stringify(documents);
    return isSame ? previous : {documents, next};
  }
  const latest = new Map(documents.map((each) => [each.id, each]));
  return {...previous, documents: previous.documents.map((each) => latest.get(each.id) ?? each)};
}

function Rows({list, filter}) {
  const {documents, next, problem, loadMore} = list;
  if (problem) return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!documents) return html`<p class="quiet" role="status">Loading…</p>`;
  if (!documents.length) return html`<p class="quiet" role="status">${filter.state || filter.name ? "No document matches." : "This collection has no documents yet."}</p>`;
  return html`
    <ul class="files">${documents.map((each) => html`<${DocumentRow} key=${each.id} document=${each} reload=${list.reload} />`)}</ul>
    ${next && html`<div class="further"><button onClick=${() => orNotify(loadMore)}>More</button></div>`}`;
}

function DocumentRow({document, reload}) {
  const {id, name, state, reason, warnings} = document;
  const act = (method, rest, body) => orNotify(async () => {
    await request(method, collectionPath(currentCollection.value, "documents", rest), body);
    await reload();
  });
  return html`
    <li class="file">
      <a class="name" href=${pathTo("document", {c: currentCollection.value, d: id})} title=${document.external_id ?? name}>${name}</a>
      <span class="quiet small">${formatBytes(document.size)}, ${formatDateTime(document.created_at)}</span>
      <span class=${`state ${state}`}>${state}</span>
      ${(state === "failed" || state === "cancelled") && html`<button class="needs-write" aria-label=${`Try ${name} again`} onClick=${() => act("POST", "retry", {ids: [id]})}><${Icon} name="retry" /> Try again</button>`}
      ${(state === "queued" || state === "processing") && html`<button class="needs-write" aria-label=${`Cancel ${name}`} onClick=${() => act("POST", "cancel", {ids: [id]})}>Cancel</button>`}
      <${ConfirmButton} label="Delete" confirmLabel="Really delete" subject=${name} onConfirm=${() => act("DELETE", id)} />
      ${reason && html`<span class="reason">${reason}</span>`}
      ${warnings.map((each) => html`<span class="warning" key=${each}>${each}</span>`)}
    </li>`;
}

const retryAll = (list) => orNotify(async () => {
  await request("POST", collectionPath(currentCollection.value, "documents", "retry"), {ids: list.documents.map((each) => each.id)});
  await list.reload();
});
