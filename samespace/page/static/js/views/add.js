// View: add files, folders, pictures and texts, and follow their state.
import {request} from "../lib/api.js";
import {pluralize} from "../lib/format.js";
import {html, signal, useEffect, useRef, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {listen} from "../lib/listen.js";
import {notify, orNotify} from "../lib/notifications.js";
import {navigate} from "../lib/router.js";
import {collections, currentCollection, refreshCollections} from "../state/collections.js";
import {readFiles, readTransfer} from "../upload/drag-and-drop.js";
import {UploadProgress} from "../upload/progress.js";
import {fetchLimits, supported} from "../upload/limits.js";
import {addToQueue, newJobId} from "../upload/queue.js";
import {UploadList} from "../upload/upload-list.js";

/** Number of files read so far from a drop; null while none is being read. */
const filesRead = signal(null);

/** The API's `on_same_name` for files: "keep_both" or "replace". */
const sameName = signal("keep_both");

export function Add() {
  const isDragOver = useDropAndPaste();
  return html`
    <section class=${`add ${isDragOver ? "over" : ""}`}>
      <h1>Add to ${currentCollection.value ?? "a new collection"}</h1>
      <${CollectionChooser} />
      <${DropZone} />
      <${TextForm} />
      <${UploadProgress} />
      <${UploadList} />
    </section>`;
}

/** Accept drops and pastes anywhere on the page; true while something is dragged over it. */
function useDropAndPaste() {
  const [isDragOver, setDragOver] = useState(false);
  useEffect(() => {
    return listen(window, {
      dragover: (event) => { event.preventDefault(); setDragOver(true); },
      dragleave: (event) => { if (!event.relatedTarget) setDragOver(false); },
      drop: (event) => { event.preventDefault(); setDragOver(false); addTransfer(event.dataTransfer); },
      paste: (event) => { if (!event.target.closest?.("input, textarea")) addTransfer(event.clipboardData, {isPasted: true}); },
    });
  }, []);
  return isDragOver;
}

/** Upload what was dropped, pasted or chosen. */
async function addTransfer(transfer, {isPasted = false} = {}) {
  const text = transfer.getData?.("text/plain");
  const dropped = readTransfer(transfer);
  if (dropped.files.length || dropped.entries.length) await addFiles(dropped, isPasted);
  else if (text?.trim()) await addText(text);
}

async function addFiles(dropped, isPasted) {
  // Browsers name every pasted picture image.png, so its name must not replace a document.
  const onSameName = isPasted ? undefined : sameName.value;
  const collection = await ensureCollection();
  const job = newJobId();
  let count = 0;
  let unreadableCount = 0;
  if (!collection) return;
  for await (const batch of readFiles(dropped, () => { unreadableCount += 1; })) {
    filesRead.value = count += batch.length;
    await addToQueue(collection, job, batch, onSameName);
  }
  filesRead.value = null;
  if (!count) notify("No files found.");
  if (unreadableCount) notify(`${pluralize(unreadableCount, "file")} could not be read.`);
}

async function addText(text) {
  const collection = await ensureCollection();
  const name = text.trim().split("\n")[0].slice(0, 60);
  if (collection) await addToQueue(collection, newJobId(), [{text, name}]);
  return Boolean(collection);
}

let creating = null;

/** The current collection; if there is none yet, one named "default" is created. */
async function ensureCollection() {
  if (currentCollection.value) return currentCollection.value;
  creating ??= createCollection("default").finally(() => { creating = null; });
  return creating;
}

async function createCollection(name) {
  const isCreated = await orNotify(async () => {
    await request("POST", "/v1/collections", {name});
    await refreshCollections();
    navigate("add", {c: name});
  });
  return isCreated ? name : null;
}

function CollectionChooser() {
  const [isCreating, setCreating] = useState(false);
  const names = (collections.value ?? []).map((each) => each.name);
  const submit = async (event) => {
    event.preventDefault();
    if (await createCollection(new FormData(event.target).get("collection"))) setCreating(false);
  };
  if (!isCreating) {
    return html`
      <div class="where">
        ${names.length > 0 && html`<label>Collection
          <select value=${currentCollection.value} onChange=${(event) => navigate("add", {c: event.target.value})}>
            ${names.map((name) => html`<option value=${name} key=${name}>${name}</option>`)}
          </select></label>`}
        <button onClick=${() => setCreating(true)}><${Icon} name="plus" /> New collection</button>
      </div>`;
  }
  return html`
    <form class="where" onSubmit=${submit}>
      <label>Name of the new collection
        <input name="collection" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" title="Letters, digits, . _ -" autofocus /></label>
      <button class="main">Create</button>
      <button type="button" onClick=${() => setCreating(false)}>Back</button>
    </form>`;
}

function DropZone() {
  useEffect(() => { fetchLimits(); }, []);
  const files = useRef(null);
  const folder = useRef(null);
  const onFilesChosen = (event) => {
    addTransfer({files: event.target.files});
    event.target.value = "";
  };
  return html`
    <div class="drop">
      <${Icon} name="add" />
      <p><strong>Drop files or folders anywhere on this page</strong><br />
        <span class="quiet">or paste a picture or a text. ${supported.value && `Supported: ${supported.value}.`}</span></p>
      <div class="buttons">
        <button class="main" onClick=${() => files.current.click()}><${Icon} name="file" /> Choose files</button>
        <button onClick=${() => folder.current.click()}><${Icon} name="folder" /> Choose a folder</button>
      </div>
      <label>A file whose name already exists
        <select value=${sameName.value} onChange=${(event) => { sameName.value = event.target.value; }}>
          <option value="keep_both">is kept beside the older one</option>
          <option value="replace">replaces the older one</option>
        </select></label>
      ${filesRead.value !== null && html`<p role="status">Reading: ${pluralize(filesRead.value, "file")} so far…</p>`}
      <input ref=${files} type="file" multiple hidden onChange=${onFilesChosen} aria-label="Files" />
      <input ref=${folder} type="file" webkitdirectory hidden onChange=${onFilesChosen} aria-label="Folder" />
    </div>`;
}

function TextForm() {
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
