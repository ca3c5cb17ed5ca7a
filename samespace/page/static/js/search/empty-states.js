// What the search view shows before a query, and without anything to search.
import {collectionPath, request, thumbnailPath} from "../lib/api.js";
import {html, useEffect, useState} from "../lib/html.js";
import {hasThumbnail} from "../lib/modalities.js";
import {orNotify} from "../lib/notifications.js";
import {handleLinkClick, pathTo} from "../lib/router.js";
import {currentCollection} from "../state/collections.js";
import {itemPart} from "./query.js";

const EXAMPLES = ["a cat", "2:animal - drawing", "\"something to eat\" + outside"];
const MAX_PICTURES = 12;

/** For a link to a collection that was deleted. */
export const CollectionNotFound = ({name}) => html`
  <section class="empty" onClick=${handleLinkClick}>
    <h1>There is no collection “${name}”</h1>
    <p class="quiet">It was deleted, or you have no access to it.</p>
    ${currentCollection.value && html`<a class="button main" href=${pathTo("search", {c: currentCollection.value})}>Search “${currentCollection.value}” instead</a>`}
    <p><a href="/collections">All collections</a></p>
  </section>`;

export const NoCollections = () => html`
  <section class="empty" onClick=${handleLinkClick}>
    <h1>Nothing here yet</h1>
    <p class="quiet">Add files, pictures or texts, then find them by what they mean.</p>
    <a class="button main" href="/add">Add something</a>
  </section>`;

export function StartScreen({collection, onQuery, filter}) {
  const {ready = 0, queued = 0, processing = 0} = collection?.documents ?? {};
  const pending = queued + processing;
  if (!ready) {
    return html`
      <div class="empty" onClick=${handleLinkClick}>
        <p class="lead">${pending ? `${pending.toLocaleString()} documents are being processed.` : "This collection is empty."}</p>
        <a class="button main" href=${pathTo("add", {c: collection?.name})}>${pending ? "See their progress" : "Add something"}</a>
      </div>`;
  }
  const query = {text: "", parts: [], targets: "", filter};
  return html`
    <div class="start">
      <p class="lead">${filter ? "Say what to look for within these filters." : `${ready.toLocaleString()} documents, found by what they mean.`}</p>
      <ul class="examples" aria-label="Examples">
        ${EXAMPLES.map((text) => html`<li><button type="button" onClick=${() => onQuery({...query, text})}>${text}</button></li>`)}
      </ul>
      <dl class="help">
        <div><dt>Words</dt><dd>find pictures and passages alike, by meaning rather than spelling</dd></div>
        <div><dt>A picture</dt><dd>dropped or pasted anywhere here finds what it shows</dd></div>
        <div><dt><kbd>+</kbd> <kbd>-</kbd> <kbd>2:</kbd></dt><dd>add, push away, weight: <code>2:red car - text</code></dd></div>
        <div class="keys"><dt><kbd>/</kbd></dt><dd>focuses the search box, arrow keys move through the results</dd></div>
      </dl>
      <${SamplePictures} collection=${collection.name} onPick=${(part) => onQuery({...query, parts: [part]})} />
    </div>`;
}

/** Some documents with thumbnails to start a search with. */
function SamplePictures({collection, onPick}) {
  const [pictures, setPictures] = useState([]);
  useEffect(() => {
    const abort = new AbortController();
    request("GET", `${collectionPath(collection, "documents")}?state=ready&limit=100`, undefined, abort.signal).then(
      ({documents}) => setPictures(documents.filter((each) => hasThumbnail(each.media_type)).slice(0, MAX_PICTURES)),
      () => {},
    );
    return () => abort.abort();
  }, [collection]);
  if (!pictures.length) return null;
  const onChoose = (document) => orNotify(async () => {
    const {items} = await request("GET", collectionPath(collection, "documents", document.id, "items"));
    onPick(itemPart(items[0].id, 1, document.id, document.name, true, document.content_hash));
  });
  return html`
    <h2>Or start with a picture</h2>
    <ul class="strip">
      ${pictures.map((document) => html`
        <li key=${document.id}><button type="button" aria-label=${`More like ${document.name}`} title=${document.name} onClick=${() => onChoose(document)}>
          <img src=${thumbnailPath(collection, document, "small")} alt="" loading="lazy" decoding="async" width="160" height="120" /></button></li>`)}
    </ul>`;
}
