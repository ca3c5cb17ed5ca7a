// What the search view shows before anything was asked, and where there is nothing to ask.
import {follow, pathOf} from "../lib/router.js";
import {ask, inCollection, thumbnailOf} from "../lib/api.js";
import {current} from "../state/collections.js";
import {html, useEffect, useState} from "../lib/html.js";
import {say} from "../lib/notifications.js";
import {item} from "./query.js";

const EXAMPLES = ["a cat", "2:animal - drawing", "\"something to eat\" + outside"];
const MOST_PICTURES = 12;

/** No collection of that name, as in a link to one that was deleted. */
export const Gone = ({name}) => html`
  <section class="empty" onClick=${follow}>
    <h1>There is no collection “${name}”</h1>
    <p class="quiet">It was deleted, or is not open to you.</p>
    ${current.value && html`<a class="button main" href=${pathOf("search", {c: current.value})}>Search “${current.value}” instead</a>`}
    <p><a href="/collections">All collections</a></p>
  </section>`;

export const Nothing = () => html`
  <section class="empty" onClick=${follow}>
    <h1>Nothing here yet</h1>
    <p class="quiet">Add files, pictures or texts, then find them by what they mean.</p>
    <a class="button main" href="/add">Add something</a>
  </section>`;

export function Start({collection, show, filter}) {
  const {ready = 0, queued = 0, processing = 0} = collection?.documents ?? {};
  const waiting = queued + processing;
  if (!ready) {
    return html`
      <div class="empty" onClick=${follow}>
        <p class="lead">${waiting ? `${waiting.toLocaleString()} documents are on their way in.` : "This collection is empty."}</p>
        <a class="button main" href=${pathOf("add", {c: collection?.name})}>${waiting ? "See how far they are" : "Add something"}</a>
      </div>`;
  }
  const shown = {text: "", parts: [], targets: "", filter};
  return html`
    <div class="start">
      <p class="lead">${filter ? "Say what to look for within these filters." : `${ready.toLocaleString()} documents, found by what they mean.`}</p>
      <ul class="examples" aria-label="Examples">
        ${EXAMPLES.map((text) => html`<li><button type="button" onClick=${() => show({...shown, text})}>${text}</button></li>`)}
      </ul>
      <dl class="ways">
        <div><dt>Words</dt><dd>find pictures and passages alike, by meaning rather than spelling</dd></div>
        <div><dt>A picture</dt><dd>dropped or pasted anywhere here finds what it shows</dd></div>
        <div><dt><kbd>+</kbd> <kbd>-</kbd> <kbd>2:</kbd></dt><dd>combine, push away, weigh: <code>2:red car - text</code></dd></div>
        <div class="keys"><dt><kbd>/</kbd></dt><dd>leads to the box, arrows through the results</dd></div>
      </dl>
      <${Pictures} collection=${collection.name} onPick=${(part) => show({...shown, parts: [part]})} />
    </div>`;
}

/** Some pictures of the collection to begin with. */
function Pictures({collection, onPick}) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    const abort = new AbortController();
    ask("GET", `${inCollection(collection, "documents")}?state=ready&limit=100`, undefined, abort.signal).then(
      ({documents}) => setFound(documents.filter((each) => each.media_type.startsWith("image/")).slice(0, MOST_PICTURES)),
      () => {},
    );
    return () => abort.abort();
  }, [collection]);
  if (!found.length) return null;
  const choose = async (document) => {
    try {
      const {items} = await ask("GET", inCollection(collection, "documents", document.id, "items"));
      onPick(item(items[0].id, 1, document.id, document.name, true, document.content_hash));
    } catch (problem) {
      say(problem.message);
    }
  };
  return html`
    <h2>Or begin with a picture</h2>
    <ul class="strip">
      ${found.map((document) => html`
        <li key=${document.id}><button type="button" aria-label=${`More like ${document.name}`} title=${document.name} onClick=${() => choose(document)}>
          <img src=${thumbnailOf(collection, document, "small")} alt="" loading="lazy" decoding="async" width="160" height="120" /></button></li>`)}
    </ul>`;
}
