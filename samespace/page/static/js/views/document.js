// One document: what it is, its picture or its passages, opened at the item that was found.
import {address, follow, go, pathOf} from "../lib/router.js";
import {bytes, duration, when} from "../lib/format.js";
import {ask, inCollection} from "../lib/api.js";
import {writeExact} from "../lib/json.js";
import {subject} from "../state/page-title.js";
import {current} from "../state/collections.js";
import {html, useEffect} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {say} from "../lib/notifications.js";
import {usePolled} from "../lib/polling.js";
import {Twice} from "../components/confirm.js";
import {Passages} from "../document/passages.js";
import {Picture} from "../document/picture.js";

const LOOK_MS = 3000;

export function Document() {
  const {params} = address.value;
  const id = params.get("d") ?? "";
  const collection = current.value;
  const look = async () => ({collection, id, document: await ask("GET", inCollection(collection, "documents", id))});
  const {found, problem} = usePolled(look, LOOK_MS, [collection, id]);
  const name = found?.id === id ? found.document.name : "";
  useEffect(() => {
    subject.value = name;
    return () => { subject.value = ""; };
  }, [name]);
  if (problem) return html`<${Gone} collection=${collection} problem=${problem} />`;
  if (found?.id !== id || found.collection !== collection) return html`<p class="quiet" role="status">Loading…</p>`;
  const {document} = found;
  return html`
    <article class="document" onClick=${follow}>
      <h1>${document.name}</h1>
      <${Facts} document=${document} />
      <${Acts} collection=${collection} document=${document} />
      ${document.media_type.startsWith("image/") && html`<div class="picture"><${Picture} key=${id} document=${document} /></div>`}
      <${Metadata} metadata=${document.metadata} />
      <${Passages} key=${id} collection=${collection} document=${document} wanted=${params.get("i")} />
    </article>`;
}

const original = (collection, document) => inCollection(collection, "documents", document.id, "content");

function Gone({collection, problem}) {
  const isGone = problem.status === 404;
  return html`
    <div class="empty" onClick=${follow}>
      <h1>${isGone ? "This document is not there" : "This document cannot be shown"}</h1>
      <p class="bad" role="alert">${isGone ? "It was deleted, or was never in this collection." : problem.message}</p>
      <p><a class="button" href=${pathOf("collections", {c: collection, list: 1})}>All documents of ${collection}</a></p>
    </div>`;
}

function Facts({document}) {
  const {state, media_type: type, size, version, created_at: made, seconds_left: left, reason, warnings} = document;
  return html`
    <p class="states"><span class=${`state ${state}`}>${state}</span>
      <span class="quiet">${[type, bytes(size), `version ${version}`, `added ${when(made)}`, left && `about ${duration(left)} left`].filter(Boolean).join(", ")}</span></p>
    ${document.external_id && document.external_id !== document.name && html`<p class="quiet from">${document.external_id}</p>`}
    ${reason && html`<p class="bad">${reason}</p>`}
    ${warnings.map((warning) => html`<p class="poor" key=${warning}>${warning}</p>`)}`;
}

function Acts({collection, document}) {
  const {id, name, state} = document;
  const act = async (...request) => {
    try {
      await ask(...request);
      return true;
    } catch (problem) {
      say(problem.message);
      return false;
    }
  };
  const remove = async () => {
    if (!await act("DELETE", inCollection(collection, "documents", id))) return;
    say(`“${name}” is deleted.`, {kind: "good"});
    go("collections", {c: collection, list: 1}, {replace: true});
  };
  return html`
    <div class="buttons">
      <a class="button" href=${original(collection, document)} download=${name}>Download</a>
      ${(state === "failed" || state === "cancelled") && html`
        <button class="needs-write" onClick=${() => act("POST", inCollection(collection, "documents", "retry"), {ids: [id]})}><${Icon} name="retry" /> Try again</button>`}
      <${Twice} label="Delete" again="Really delete" subject=${name} onPress=${remove} />
    </div>`;
}

function Metadata({metadata}) {
  const fields = Object.entries(metadata);
  if (!fields.length) return null;
  return html`
    <dl class="figures">${fields.map(([name, value]) => html`
      <dt key=${name}>${name}</dt><dd>${typeof value === "string" ? value : writeExact(value)}</dd>`)}</dl>`;
}
