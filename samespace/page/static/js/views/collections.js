// Collections: made, counted, paused, deleted; and how the installation is.
import {follow, pathOf} from "../address.js";
import {ask, inCollection} from "../api.js";
import {collections, refreshCollections} from "../collections.js";
import {html, useEffect, useRef, useState} from "../html.js";
import {say} from "../notices.js";
import {Health} from "./health.js";

const LOOK_MS = 3000;

export function Collections() {
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) refreshCollections().catch(() => {}); }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return html`
    <section class="collections" onClick=${follow}>
      <h1>Collections</h1>
      <${Create} />
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

function Create() {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const {name, preset} = Object.fromEntries(new FormData(form));
    if (await act("POST", "/v1/collections", {name, ...(preset ? {preset} : {})})) form.reset();
  };
  return html`
    <form class="row needs-write needs-all" onSubmit=${submit}>
      <label>Name <input name="name" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" title="Letters, digits, . _ -" /></label>
      <label>Model <input name="preset" list="presets" placeholder="starter" /></label>
      <datalist id="presets"><option value="starter" /><option value="clip" /><option value="quality" /><option value="multilingual" /></datalist>
      <button class="main">Create</button>
    </form>`;
}

function Card({collection}) {
  const {name, documents, spaces, items, preset, paused} = collection;
  const [asking, setAsking] = useState(false);
  const shown = ["queued", "processing", "ready", "failed", "cancelled"].filter((state) => documents[state]);
  return html`
    <li class="card">
      <h2><a href=${pathOf("search", {c: name})}>${name}</a></h2>
      <p class="states">${shown.length ? shown.map((state) => html`<span class=${`state ${state}`}>${documents[state]} ${state}</span>`) : html`<span class="quiet">empty</span>`}</p>
      <dl>
        <dt>Items</dt><dd>${items ?? "the index does not answer"}</dd>
        <dt>Model</dt><dd>${preset}</dd>
        <dt>Spaces</dt><dd>${spaces.map((space) => `${space.name} (${space.dim}, ${space.modalities.join(" and ")})`).join("; ")}</dd>
      </dl>
      <div class="buttons needs-write">
        <a class="button" href=${pathOf("add", {c: name})}>Add</a>
        <button onClick=${() => act("POST", inCollection(name, paused ? "resume" : "pause"))}>${paused ? "Resume" : "Pause"}</button>
        <button class="danger" onClick=${() => setAsking(true)}>Delete…</button>
      </div>
      ${asking && html`<${Confirm} name=${name} count=${documents.total} onClose=${() => setAsking(false)} />`}
    </li>`;
}

function Confirm({name, count, onClose}) {
  const dialog = useRef(null);
  const [typed, setTyped] = useState("");
  useEffect(() => dialog.current.showModal(), []);
  const submit = async (event) => {
    event.preventDefault();
    if (typed === name && await act("DELETE", inCollection(name))) dialog.current?.close();
  };
  return html`
    <dialog ref=${dialog} onClose=${onClose} aria-labelledby="confirm">
      <form onSubmit=${submit}>
        <h2 id="confirm">Delete ${name}?</h2>
        <p>${count} documents with all that was made of them go for good.</p>
        <label>Type <strong>${name}</strong> to confirm
          <input value=${typed} onInput=${(event) => setTyped(event.target.value)} autocomplete="off" autofocus /></label>
        <div class="buttons">
          <button type="button" onClick=${() => dialog.current.close()}>Keep it</button>
          <button class="danger" disabled=${typed !== name}>Delete</button>
        </div>
      </form>
    </dialog>`;
}
