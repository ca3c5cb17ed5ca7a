// Files, folders, pictures and texts on their way in, each with its own state.
import {ask, inCollection} from "../api.js";
import {go} from "../address.js";
import {current, refreshCollections} from "../collections.js";
import {filesOf} from "../dropped.js";
import {jobs} from "../follow.js";
import {html, useEffect, useRef, useState} from "../html.js";
import {Icon} from "../icons.js";
import {say} from "../notices.js";
import {forgetDone, send, sendAgain, tally, uploads} from "../uploads.js";
import {Job} from "./job.js";

export function Add() {
  const [over, setOver] = useState(false);
  const name = current.value;
  useEffect(() => {
    const onPaste = (event) => { if (!/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) add(event.clipboardData); };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  }, []);
  const onDrop = (event) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer);
  };
  return html`
    <section class=${`add ${over ? "over" : ""}`} onDrop=${onDrop} onDragLeave=${() => setOver(false)}
      onDragOver=${(event) => { event.preventDefault(); setOver(true); }}>
      <h1>Add to ${name ?? "a new collection"}</h1>
      <${Choose} />
      <${Paste} />
      ${jobs.value.map((job) => html`<${Job} key=${job.id} job=${job} />`)}
      <${Files} />
    </section>`;
}

/** Send what was dropped, pasted or chosen; text goes in as a text. */
async function add(transfer) {
  const text = transfer.getData?.("text/plain");
  const files = await filesOf(transfer);
  if (files.length) send(await theCollection(), files);
  else if (text) await addText(text);
}

async function theCollection() {
  if (current.value) return current.value;
  await ask("POST", "/v1/collections", {name: "default"});
  await refreshCollections();
  return "default";
}

async function addText(text) {
  try {
    const {documents: [document]} = await ask("POST", inCollection(await theCollection(), "documents"), {text});
    say(document.outcome === "unchanged" ? "This text was here already." : `“${document.name}” is on its way in.`, {kind: "good"});
    return true;
  } catch (problem) {
    say(problem.message);
    return false;
  }
}

function Choose() {
  const files = useRef(null);
  const folder = useRef(null);
  const chosen = (event) => {
    add({files: event.target.files});
    event.target.value = "";
  };
  return html`
    <div class="drop">
      <${Icon} name="add" />
      <p><strong>Drop files or folders here</strong><br />
        <span class="quiet">Text, Markdown, HTML, PDF, Word, and pictures: JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC. Or paste.</span></p>
      <div class="buttons">
        <button class="main" onClick=${() => files.current.click()}>Choose files</button>
        <button onClick=${() => folder.current.click()}>Choose a folder</button>
      </div>
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

const ORDER = ["waiting", "sending", "queued", "processing", "ready", "failed", "refused", "cancelled"];

function Files() {
  if (!uploads.value.length) return null;
  const counts = tally.value;
  return html`
    <div class="summary" role="status">
      ${ORDER.filter((name) => counts[name]).map((name) => html`<span class=${`state ${name}`} key=${name}>${counts[name]} ${name}</span>`)}
      ${counts.ready > 0 && html`<button onClick=${forgetDone}>Clear ready ones</button>
        <button onClick=${() => go("search", {c: current.value})}>Search them</button>`}
    </div>
    <ul class="files">${uploads.value.map((each) => html`<${File} key=${each.id} upload=${each} />`)}</ul>`;
}

function File({upload}) {
  const {name, sent, reason, document, items_done: done, items_total: total, outcome} = upload.state.value;
  const share = name === "sending" ? sent / (upload.size || 1) : name === "processing" && total ? done / total : null;
  return html`
    <li class="file">
      <span class="name" title=${upload.name}>${upload.name}</span>
      <span class=${`state ${name}`}>${outcome === "unchanged" && name === "ready" ? "was here already" : name}</span>
      ${share !== null && html`<progress max="1" value=${share} aria-label=${`${upload.name} ${name}`}></progress>`}
      ${reason && html`<span class="reason">${reason}</span>`}
      ${name === "failed" && html`<button onClick=${() => retry(upload, document)}><${Icon} name="retry" /> Try again</button>`}
      ${name === "refused" && html`<button onClick=${() => sendAgain(upload)}><${Icon} name="retry" /> Send again</button>`}
    </li>`;
}

async function retry(upload, document) {
  try {
    await ask("POST", inCollection(upload.collection, "documents", "retry"), {ids: [document]});
    upload.state.value = {...upload.state.value, name: "queued", reason: null};
  } catch (problem) {
    say(problem.message);
  }
}
