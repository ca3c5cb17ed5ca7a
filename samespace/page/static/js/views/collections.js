// Collections: made, many, paused, deleted; the documents of one; and how the installation is.
import {address, follow, pathOf} from "../lib/router.js";
import {bytes, many} from "../lib/format.js";
import {ask, inCollection} from "../lib/api.js";
import {collections, refreshCollections} from "../state/collections.js";
import {html, useEffect, useState} from "../lib/html.js";
import {say} from "../lib/notifications.js";
import {Confirm} from "../components/confirm.js";
import {Create} from "../collections/create-form.js";
import {Documents} from "../collections/document-list.js";
import {Health} from "../collections/health.js";

const LOOK_MS = 3000;
const STATES = ["queued", "processing", "ready", "failed", "cancelled"];

export function Collections() {
  const isList = address.value.params.has("list");
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) refreshCollections().catch(() => {}); }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (isList) return html`<${Documents} />`;
  return html`
    <section class="collections" onClick=${follow}>
      <h1>Collections</h1>
      <${Create} />
      ${collections.value.length === 0 && html`<p class="quiet">There is none yet.</p>`}
      <ul class="cards">${collections.value.map((each) => html`<${Card} key=${each.name} collection=${each} />`)}</ul>
      <${Health} />
    </section>`;
}

/** Do it, then look again; a problem is said. */
async function act(...request) {
  try {
    await ask(...request);
    await refreshCollections();
    return true;
  } catch (problem) {
    say(problem.message);
    return false;
  }
}

function Card({collection}) {
  const {name, documents, paused} = collection;
  const [asking, setAsking] = useState(false);
  return html`
    <li class="card">
      <h2><a href=${pathOf("search", {c: name})}>${name}</a></h2>
      <p class="states">
        ${paused && html`<span class="state paused">paused</span>`}
        ${STATES.filter((state) => documents[state]).map((state) => html`
          <a key=${state} class=${`state ${state}`} href=${pathOf("collections", {c: name, list: 1, state})}>${documents[state]} ${state}</a>`)}
        ${documents.total === 0 && html`<span class="quiet">empty</span>`}
      </p>
      <${Figures} collection=${collection} />
      <div class="buttons">
        <a class="button" href=${pathOf("collections", {c: name, list: 1})} aria-label=${`Documents of ${name}`}>Documents</a>
        <a class="button needs-write" href=${pathOf("add", {c: name})} aria-label=${`Add to ${name}`}>Add</a>
        <button class="needs-write" onClick=${() => act("POST", inCollection(name, paused ? "resume" : "pause"))} aria-label=${`${paused ? "Resume" : "Pause"} ${name}`}>${paused ? "Resume" : "Pause"}</button>
        <button class="danger needs-write" onClick=${() => setAsking(true)} aria-label=${`Delete ${name}…`}>Delete…</button>
      </div>
      ${asking && html`
        <${Confirm} name=${name} onClose=${() => setAsking(false)} onConfirm=${() => act("DELETE", inCollection(name))}>
          <p>${many(documents.total, "document")} with all that was made of them go for good.</p>
        <//>`}
    </li>`;
}

function Figures({collection}) {
  const {spaces, items, preset, held_bytes: held, max_bytes: most, held_documents: number, max_documents: mostNumber} = collection;
  return html`
    <dl>
      <dt>Items</dt><dd>${items === null ? html`<span class="bad">the index does not answer</span>` : many(items, "item")}</dd>
      <dt>Size</dt><dd>${bytes(held)}${most === null ? "" : ` of ${bytes(most)}`}${mostNumber === null ? "" : `, ${number} of ${many(mostNumber, "document")}`}</dd>
      <dt>Model</dt><dd>${preset}</dd>
      <dt>Spaces</dt><dd>${spaces.map((space) => `${space.name} (${space.modalities.join(" and ")}, ${space.dim} numbers)`).join("; ")}</dd>
    </dl>`;
}
