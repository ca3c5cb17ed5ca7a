// View: all collections with their counts and actions, the documents of one, and the health of the installation.
import {CreateForm} from "../collections/create-form.js";
import {DocumentList} from "../collections/document-list.js";
import {Health} from "../collections/health.js";
import {ModelList} from "../collections/model-list.js";
import {ModelPanel} from "../collections/model-panel.js";
import {outdated} from "../collections/models.js";
import {ConfirmDialog} from "../components/confirm.js";
import {collectionPath, request} from "../lib/api.js";
import {useFocusOnNavigation} from "../lib/focus.js";
import {formatBytes, pluralize} from "../lib/format.js";
import {html, useEffect, useState} from "../lib/html.js";
import {orNotify} from "../lib/notifications.js";
import {handleLinkClick, pathTo, route} from "../lib/router.js";
import {collections, currentCollection, DOCUMENT_STATES, refreshCollections} from "../state/collections.js";

const POLL_MS = 3000;

/** What is shown instead of all collections, by the parameter of the address that asks for it. */
const PARTS = {list: DocumentList, model: ModelPanel, models: ModelList};

export function Collections() {
  const part = Object.keys(PARTS).find((name) => route.value.params.has(name)) ?? "";
  useFocusOnNavigation(part);
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) refreshCollections().catch(() => {}); }, POLL_MS);
    return () => clearInterval(timer);
  }, []);
  if (part) return html`<${PARTS[part]} />`;
  return html`
    <section class="collections" onClick=${handleLinkClick}>
      <h1>Collections</h1>
      <p><a href=${pathTo("collections", {c: currentCollection.value, models: 1})}>Models of this installation</a></p>
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
      ${outdated.value.has(name) && collection.beside === null && html`
        <p class="remark">A better starter is here: <a href=${pathTo("collections", {c: name, model: 1, to: "starter"})}>change ${name} to it</a>.</p>`}
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
  const {name, spaces, items, preset, beside, held_bytes: usedBytes, max_bytes: maxBytes, held_documents: documentCount, max_documents: maxDocuments} = collection;
  return html`
    <dl>
      <dt>Items</dt><dd>${items === null ? html`<span class="bad">the index is not responding</span>` : pluralize(items, "item")}</dd>
      <dt>Size</dt><dd>${formatBytes(usedBytes)}${maxBytes === null ? "" : ` of ${formatBytes(maxBytes)}`}${maxDocuments === null ? "" : `, ${documentCount} of ${pluralize(maxDocuments, "document")}`}</dd>
      <dt>Model</dt><dd>${preset}${beside === "building" && ", another is built beside"}${beside === "retired" && ", the one before is kept"}
        <a class="apart" href=${pathTo("collections", {c: name, model: 1})}>Change the model<span class="hidden"> of ${name}</span></a></dd>
      <dt>Spaces</dt><dd>${spaces.map((space) => `${space.name} (${space.modalities.join(" and ")}, ${space.dim} dimensions)`).join("; ")}</dd>
    </dl>`;
}
