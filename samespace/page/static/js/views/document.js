// View: a document with its metadata, preview and passages, scrolled to the item that was found.
import {ConfirmButton} from "../components/confirm.js";
import {Passages} from "../document/passages.js";
import {Picture} from "../document/picture.js";
import {collectionPath, contentPath, request} from "../lib/api.js";
import {formatBytes, formatDateTime, formatDuration} from "../lib/format.js";
import {html, useEffect} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {stringifyJson} from "../lib/json.js";
import {hasThumbnail} from "../lib/modalities.js";
import {notify, orNotify} from "../lib/notifications.js";
import {usePolling} from "../lib/polling.js";
import {handleLinkClick, navigate, pathTo, route} from "../lib/router.js";
import {currentCollection} from "../state/collections.js";
import {pageSubject} from "../state/page-title.js";

const POLL_MS = 3000;

export function Document() {
  const {params} = route.value;
  const id = params.get("d") ?? "";
  const collection = currentCollection.value;
  const load = async () => ({collection, id, document: await request("GET", collectionPath(collection, "documents", id))});
  const {data, problem} = usePolling(load, POLL_MS, [collection, id]);
  const name = data?.id === id ? data.document.name : "";
  useEffect(() => {
    pageSubject.value = name;
    return () => { pageSubject.value = ""; };
  }, [name]);
  if (problem) return html`<${DocumentUnavailable} collection=${collection} problem=${problem} />`;
  if (data?.id !== id || data.collection !== collection) return html`<p class="quiet" role="status">Loading…</p>`;
  const {document} = data;
  return html`
    <article class="document" onClick=${handleLinkClick}>
      <h1>${document.name}</h1>
      <${Facts} document=${document} />
      <${Actions} collection=${collection} document=${document} />
      ${hasThumbnail(document.media_type) && html`<div class="picture"><${Picture} key=${id} document=${document} /></div>`}
      <${Metadata} metadata=${document.metadata} />
      <${Passages} key=${id} collection=${collection} document=${document} targetId=${params.get("i")} />
    </article>`;
}

function DocumentUnavailable({collection, problem}) {
  const isMissing = problem.status === 404;
  return html`
    <div class="empty" onClick=${handleLinkClick}>
      <h1>${isMissing ? "Document not found" : "This document cannot be shown"}</h1>
      <p class="bad" role="alert">${isMissing ? "It was deleted, or was never in this collection." : problem.message}</p>
      <p><a class="button" href=${pathTo("collections", {c: collection, list: 1})}>All documents of ${collection}</a></p>
    </div>`;
}

function Facts({document}) {
  const {state, media_type: type, size, version, created_at: made, seconds_left: left, reason, warnings} = document;
  return html`
    <p class="states"><span class=${`state ${state}`}>${state}</span>
      <span class="quiet">${[type, formatBytes(size), `version ${version}`, `added ${formatDateTime(made)}`, left && `about ${formatDuration(left)} left`].filter(Boolean).join(", ")}</span></p>
    ${document.external_id && document.external_id !== document.name && html`<p class="quiet from">${document.external_id}</p>`}
    ${reason && html`<p class="bad">${reason}</p>`}
    ${warnings.map((warning) => html`<p class="poor" key=${warning}>${warning}</p>`)}`;
}

function Actions({collection, document}) {
  const {id, name, state} = document;
  const act = (...args) => orNotify(() => request(...args));
  const remove = async () => {
    if (!await act("DELETE", collectionPath(collection, "documents", id))) return;
    notify(`“${name}” is deleted.`, {kind: "success"});
    navigate("collections", {c: collection, list: 1}, {replace: true});
  };
  return html`
    <div class="buttons">
      <a class="button" href=${contentPath(collection, id)} download=${name}>Download</a>
      ${(state === "failed" || state === "cancelled") && html`
        <button class="needs-write" onClick=${() => act("POST", collectionPath(collection, "documents", "retry"), {ids: [id]})}><${Icon} name="retry" /> Try again</button>`}
      <${ConfirmButton} label="Delete" confirmLabel="Really delete" subject=${name} onConfirm=${remove} />
    </div>`;
}

function Metadata({metadata}) {
  const fields = Object.entries(metadata);
  if (!fields.length) return null;
  return html`
    <dl class="figures">${fields.map(([name, value]) => html`
      <dt key=${name}>${name}</dt><dd>${typeof value === "string" ? value : stringifyJson(value)}</dd>`)}</dl>`;
}
