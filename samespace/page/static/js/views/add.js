// Files, folders, pictures and texts on their way in, each with its own state.
import {go} from "../address.js";
import {ask} from "../api.js";
import {collections, current, refreshCollections} from "../collections.js";
import {filesOf, sourceOf} from "../dropped.js";
import {many} from "../figures.js";
import {html, signal, useEffect, useRef, useState} from "../html.js";
import {Icon} from "../icons.js";
import {limits, taken} from "../limits.js";
import {say} from "../notices.js";
import {newJob, send} from "../sending.js";
import {Files} from "./files.js";
import {Work} from "./job.js";

/** How many files of a folder were found so far; null while none is read. */
const reading = signal(null);

/** Whether a file replaces an older document of its name, or is kept beside it. */
const sameName = signal("keep_both");

export function Add() {
  const over = useDrops();
  return html`
    <section class=${`add ${over ? "over" : ""}`}>
      <h1>Add to ${current.value ?? "a new collection"}</h1>
      <${Where} />
      <${Choose} />
      <${Paste} />
      <${Work} />
      <${Files} />
    </section>`;
}

/** Whatever is dropped or pasted while this view is shown; answers whether something hovers over it. */
function useDrops() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const listeners = {
      dragover: (event) => { event.preventDefault(); setOver(true); },
      dragleave: (event) => { if (!event.relatedTarget) setOver(false); },
      drop: (event) => { event.preventDefault(); setOver(false); add(event.dataTransfer); },
      paste: (event) => { if (!event.target.closest?.("input, textarea")) add(event.clipboardData, {isPasted: true}); },
    };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => { for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener); };
  }, []);
  return over;
}

/** Send what was dropped, pasted or chosen; text goes in as a text. */
async function add(transfer, {isPasted = false} = {}) {
  const text = transfer.getData?.("text/plain");
  const source = sourceOf(transfer);
  if (source.files.length || source.entries.length) await addFiles(source, isPasted);
  else if (text?.trim()) await addText(text);
}

async function addFiles(source, isPasted) {
  // Every browser calls every picture that is pasted image.png: that is no name to replace anything by.
  const onSameName = isPasted ? undefined : sameName.value;
  const collection = await theCollection();
  const job = newJob();
  let found = 0;
  let unreadable = 0;
  if (!collection) return;
  for await (const some of filesOf(source, () => { unreadable += 1; })) {
    reading.value = found += some.length;
    await send(collection, job, some, onSameName);
  }
  reading.value = null;
  if (!found) say("There was no file in it.");
  if (unreadable) say(`${many(unreadable, "file")} could not be read and stayed out.`);
}

async function addText(text) {
  const collection = await theCollection();
  const name = text.trim().split("\n")[0].slice(0, 60);
  if (collection) await send(collection, newJob(), [{text, name}]);
  return Boolean(collection);
}

let making = null;

/** The collection that is looked at; the first one is made by itself. */
async function theCollection() {
  if (current.value) return current.value;
  making ??= make("default").finally(() => { making = null; });
  return making;
}

async function make(name) {
  try {
    await ask("POST", "/v1/collections", {name});
    await refreshCollections();
    go("add", {c: name});
    return name;
  } catch (problem) {
    say(problem.message);
    return null;
  }
}

function Where() {
  const [naming, setNaming] = useState(false);
  const names = (collections.value ?? []).map((each) => each.name);
  const submit = async (event) => {
    event.preventDefault();
    if (await make(new FormData(event.target).get("collection"))) setNaming(false);
  };
  if (!naming) {
    return html`
      <div class="where">
        ${names.length > 0 && html`<label>Collection
          <select value=${current.value} onChange=${(event) => go("add", {c: event.target.value})}>
            ${names.map((name) => html`<option value=${name} key=${name}>${name}</option>`)}
          </select></label>`}
        <button onClick=${() => setNaming(true)}><${Icon} name="plus" /> New collection</button>
      </div>`;
  }
  return html`
    <form class="where" onSubmit=${submit}>
      <label>Name of the new collection
        <input name="collection" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" title="Letters, digits, . _ -" autofocus /></label>
      <button class="main">Create</button>
      <button type="button" onClick=${() => setNaming(false)}>Back</button>
    </form>`;
}

function Choose() {
  useEffect(() => { limits(); }, []);
  const files = useRef(null);
  const folder = useRef(null);
  const chosen = (event) => {
    add({files: event.target.files});
    event.target.value = "";
  };
  return html`
    <div class="drop">
      <${Icon} name="add" />
      <p><strong>Drop files or folders anywhere on this page</strong><br />
        <span class="quiet">or paste a picture or a text. ${taken.value && `Taken in: ${taken.value}.`}</span></p>
      <div class="buttons">
        <button class="main" onClick=${() => files.current.click()}><${Icon} name="file" /> Choose files</button>
        <button onClick=${() => folder.current.click()}><${Icon} name="folder" /> Choose a folder</button>
      </div>
      <label>A file whose name is there already
        <select value=${sameName.value} onChange=${(event) => { sameName.value = event.target.value; }}>
          <option value="keep_both">is kept beside the older one</option>
          <option value="replace">replaces the older one</option>
        </select></label>
      ${reading.value !== null && html`<p role="status">Reading: ${many(reading.value, "file")} so far…</p>`}
      <input ref=${files} type="file" multiple hidden onChange=${chosen} aria-label="Files" />
      <input ref=${folder} type="file" webkitdirectory hidden onChange=${chosen} aria-label="Folder" />
    </div>`;
}

function Paste() {
  const [text, setText] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    if (await addText(text)) setText("");
  };
  return html`
    <details class="paste"><summary>Type or paste a text</summary>
      <form onSubmit=${submit}>
        <label for="text" class="hidden">Text</label>
        <textarea id="text" rows="6" value=${text} onInput=${(event) => setText(event.target.value)} required></textarea>
        <button class="main" disabled=${!text.trim()}>Add this text</button>
      </form>
    </details>`;
}
