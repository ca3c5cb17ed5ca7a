// View: all collections with their counts and actions, the documents of one, and the health of the installation.
import {CreateForm} from "../collections/create-form.js";
import {DocumentList} from "../collections/document-list.js";
import {Health} from "../collections/health.js";
import {ConfirmDialog} from "../components/confirm.js";
import {collectionPath, request} from "../lib/api.js";
import {formatBytes, pluralize} from "../lib/format.js";
import {html, useEffect, useState} from "../lib/html.js";
import {orNotify} from "../lib/notifications.js";
import {handleLinkClick, pathTo, route} from "../lib/router.js";
import {collections, DOCUMENT_STATES, refreshCollections} from "../state/collections.js";

const POLL_MS = 3000;

export function Collections() {
  const isList = route.value.params.has("list");
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) refreshCollections().catch(() => {}); }, POLL_MS);
    return () => clearInterval(timer);
  }, []);
  if (isList) return html`<${DocumentList} />`;
  return html`
    <section class="collections" onClick=${handleLinkClick}>
      <h1>Collections</h1>
      <${CreateForm} />
      ${collections.value.length === 0 && html`<p class="quiet">There are no collections yet.</p>`}
      <ul class="cards">${collections.value.map((each) => html`<${CollectionCard} key=${each.name} collection=${each} />`)}</ul>
      <${Health} />
    </section>`;
}

/** Send a request and refresh the list; resolves to whether it succeeded. */
const requestAndRefresh = (...args) => orNotify(async () => {
  await request(...args);
  await refreshCollections();
});

function CollectionCard({collection}) {
  const {name, documents, paused} = collection;
  const [isConfirming, setConfirming] = useState(false);
  return html`
    <li class="card">
      <h2><a href=${pathTo("search", {c: name})}>${name}</a></h2>
      <p class="states">
        ${paused && html`<span class="state paused">paused</span>`}
        ${DOCUMENT_STATES.filter((state) => documents[state]).map((state) => html`
          <a key=${state} class=${`state ${state}`} href=${pathTo("collections", {c: name, list: 1, state})}>${documents[state]} ${state}</a>`)}
        ${documents.total === 0 && html`<span class="quiet">empty</span>`}
      </p>
      <${Figures} collection=${collection} />
      <div class="buttons">
        <a class="button" href=${pathTo("collections", {c: name, list: 1})} aria-label=${`Documents of ${name}`}>Documents</a>
        <a class="button needs-write" href=${pathTo("add", {c: name})} aria-label=${`Add to ${name}`}>Add</a>
        <button class="needs-write" onClick=${() => requestAndRefresh("POST", collectionPath(name, paused ? "resume" : "pause"))} aria-label=${`${paused ? "Resume" : "Pause"} ${name}`}>${paused ? "Resume" : "Pause"}</button>
        <button class="danger needs-write" onClick=${() => setConfirming(true)} aria-label=${`Delete ${name}…`}>Delete…</button>
      </div>
      ${isConfirming && html`
        <${ConfirmDialog} name=${name} onClose=${() => setConfirming(false)} onConfirm=${() => requestAndRefresh("DELETE", collectionPath(name))}>
          <p>${pluralize(documents.total, "document")} and all that was derived from them will be deleted for good.</p>
        <//>`}
    </li>`;
}

function Figures({collection}) {
  const {spaces, items, preset, held_bytes: usedBytes, max_bytes: maxBytes, held_documents: documentCount, max_documents: maxDocuments} = collection;
  return html`
    <dl>
      <dt>Items</dt><dd>${items === null ? html`<span class="bad">the index is not responding</span>` : pluralize(items, "item")}</dd>
      <dt>Size</dt><dd>${formatBytes(usedBytes)}${maxBytes === null ? "" : ` of ${formatBytes(maxBytes)}`}${maxDocuments === null ? "" : `, ${documentCount} of ${pluralize(maxDocuments, "document")}`}</dd>
      <dt>Model</dt><dd>${preset}</dd>
      <dt>Spaces</dt><dd>${spaces.map((space) => `${space.name} (${space.modalities.join(" and ")}, ${space.dim} dimensions)`).join("; ")}</dd>
    </dl>`;
}
