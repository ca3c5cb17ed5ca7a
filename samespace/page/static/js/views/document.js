// One document: what it is, its picture or its passages, opened at the item that was found.
import {address, follow, pathOf} from "../address.js";
import {ask, inCollection} from "../api.js";
import {subject} from "../arrival.js";
import {current} from "../collections.js";
import {html, useEffect, useRef, useState} from "../html.js";
import {duration} from "./job.js";
import {Picture} from "./picture.js";

export function Document() {
  const {params} = address.value;
  const id = params.get("d");
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    setProblem("");
    load(id).then(setFound, (error) => setProblem(error.message));
  }, [id, current.value]);
  useEffect(() => {
    subject.value = found?.document.name ?? "";
    return () => { subject.value = ""; };
  }, [found]);
  if (problem) return html`<p class="bad" role="alert">${problem}</p>`;
  if (!found) return html`<p class="quiet" role="status">Loading…</p>`;
  const {document, items} = found;
  return html`
    <article class="document" onClick=${follow}>
      <h1>${document.name}</h1>
      <${Facts} document=${document} />
      ${document.media_type.startsWith("image/") && html`<${Picture} key=${id} document=${document} />`}
      <ol class="passages">${items.map((each) => html`<${Passage} key=${each.id} item=${each} wanted=${params.get("i")} />`)}</ol>
    </article>`;
}

async function load(id) {
  const path = inCollection(current.value, "documents", id);
  const [document, {items}] = await Promise.all([ask("GET", path), ask("GET", `${path}/items?texts=true`)]);
  return {document, items};
}

function Facts({document}) {
  const metadata = Object.entries(document.metadata);
  return html`
    <p class="states"><span class=${`state ${document.state}`}>${document.state}</span>
      <span class="quiet">${document.media_type}, ${size(document.size)}, version ${document.version}${document.seconds_left ? `, about ${duration(document.seconds_left)} left` : ""}</span>
      <a href=${inCollection(current.value, "documents", document.id, "content")} download=${document.name}>Download</a></p>
    ${document.reason && html`<p class="bad">${document.reason}</p>`}
    ${document.warnings.map((warning) => html`<p class="poor">${warning}</p>`)}
    ${metadata.length > 0 && html`<dl class="figures">${metadata.map(([name, value]) => html`<dt>${name}</dt><dd>${typeof value === "string" ? value : JSON.stringify(value)}</dd>`)}</dl>`}`;
}

function Passage({item, wanted}) {
  const line = useRef(null);
  const isWanted = item.id === wanted;
  useEffect(() => { if (isWanted) line.current.scrollIntoView({block: "center"}); }, [isWanted]);
  return html`
    <li ref=${line} class=${isWanted ? "wanted" : ""}>
      ${item.page && html`<span class="page">page ${item.page}</span>`}
      ${item.modality === "image" ? html`<em class="quiet">picture</em>` : html`<p>${item.text}</p>`}
      <a class="quiet" href=${pathOf("search", {c: current.value, p: JSON.stringify(["i", 1, item.id, item.text?.slice(0, 40) ?? "picture", "", 0])})}>more like this</a>
    </li>`;
}

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`);
