// The collection sorted into classes that somebody names: counts, the surest and the least sure of each, and none.
import {pathOf, follow} from "../address.js";
import {ask, inCollection} from "../api.js";
import {current} from "../collections.js";
import {html, useEffect, useRef, useState} from "../html.js";
import {Icon} from "../icons.js";
import {say} from "../notices.js";

const PAUSE_MS = 700;   // after the last key, before it is sorted anew
const SHOWN = 6;
const EMPTY = {name: "", prompts: ""};

export function Sort() {
  const [labels, setLabels] = useState(() => drafts.get(current.value) ?? [EMPTY, EMPTY]);
  const [run, setRun] = useState({state: "idle"});
  const name = current.value;
  useEffect(() => { drafts.set(name, labels); }, [labels]);
  const body = bodyOf(labels);
  const asked = JSON.stringify(body);
  useEffect(() => {
    if (!name || body.labels.length < 2) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => sortInto(name, body, abort.signal).then(
      (result) => setRun({state: "done", result}),
      (problem) => { if (problem.name !== "AbortError") setRun({state: "failed", problem}); },
    ), PAUSE_MS);
    setRun((before) => ({...before, state: "running"}));
    return () => { clearTimeout(timer); abort.abort(); };
  }, [asked, name]);
  if (!name) return html`<p class="empty">There is no collection to sort yet.</p>`;
  return html`
    <section class="sort" onClick=${follow}>
      <h1>Sort ${name} into classes</h1>
      <${Labels} labels=${labels} onChange=${setLabels} />
      <${Saved} collection=${name} body=${body} onLoad=${setLabels} />
      <${Groups} run=${run} />
    </section>`;
}

const drafts = new Map();  // of this visit, by collection

const bodyOf = (labels) => ({
  labels: labels.filter((each) => each.name.trim()).map(({name, prompts}) => {
    const own = prompts.split(";").map((each) => each.trim()).filter(Boolean);
    return own.length ? {name: name.trim(), prompts: own} : name.trim();
  }),
});

const labelsOf = (saved) => saved.labels.map((each) =>
  (typeof each === "string" ? {name: each, prompts: ""} : {name: each.name, prompts: (each.prompts ?? []).join("; ")}));

/** Start the job and wait for its result, over its events. */
async function sortInto(collection, body, abort) {
  const {job_id: job} = await ask("POST", inCollection(collection, "classify", "jobs"), {...body, best: SHOWN}, abort);
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/v1/jobs/${job}/events`);
    const end = (act) => { events.close(); act(); };
    abort.addEventListener("abort", () => {
      end(() => reject(new DOMException("", "AbortError")));
      ask("POST", `/v1/jobs/${job}/cancel`).catch(() => {});  // nobody waits for it any more
    });
    events.addEventListener("done", (event) => end(() => {
      const {state, result, reason} = JSON.parse(event.data);
      if (state === "ready") resolve(result);
      else reject(new Error(reason ?? `the job is ${state}`));
    }));
  });
}

function Labels({labels, onChange}) {
  const list = useRef(null);
  const change = (at, more) => onChange(labels.map((each, number) => (number === at ? {...each, ...more} : each)));
  const add = () => {
    onChange([...labels, EMPTY]);
    requestAnimationFrame(() => list.current.querySelector("li:last-child input").focus());
  };
  const onKeyDown = (event, at) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (at === labels.length - 1) add();
  };
  return html`
    <ul class="labels" ref=${list}>
      ${labels.map((label, at) => html`
        <li key=${at}>
          <label><span class="hidden">Class ${at + 1}</span>
            <input placeholder="Class, such as cat" value=${label.name} maxlength="200" onKeyDown=${(event) => onKeyDown(event, at)}
              onInput=${(event) => change(at, {name: event.target.value})} /></label>
          <label><span class="hidden">Prompts of class ${at + 1}</span>
            <input class="prompts" placeholder="Prompts, if you like: a photo of a cat; a kitten" value=${label.prompts}
              onKeyDown=${(event) => onKeyDown(event, at)} onInput=${(event) => change(at, {prompts: event.target.value})} /></label>
          <button class="icon" aria-label=${`Remove class ${at + 1}`} disabled=${labels.length <= 2}
            onClick=${() => onChange(labels.filter((_, number) => number !== at))}><${Icon} name="close" /></button>
        </li>`)}
    </ul>
    <p><button onClick=${add}><${Icon} name="plus" /> Another class</button></p>`;
}

function Saved({collection, body, onLoad}) {
  const [sets, setSets] = useState([]);
  const path = inCollection(collection, "labelsets");
  const refresh = () => ask("GET", path).then((found) => setSets(found.labelsets), (problem) => say(problem.message));
  useEffect(() => { refresh(); }, [collection]);
  const keep = async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await ask("PUT", `${path}/${encodeURIComponent(new FormData(form).get("name"))}`, body);
      form.reset();
      await refresh();
    } catch (problem) {
      say(problem.message);
    }
  };
  return html`
    <form class="row" onSubmit=${keep}>
      ${sets.length > 0 && html`
        <label>Kept label sets
          <select onChange=${(event) => { const set = sets.find((each) => each.name === event.target.value); if (set) onLoad(labelsOf(set)); }}>
            <option value="">choose…</option>
            ${sets.map((each) => html`<option value=${each.name}>${each.name}</option>`)}
          </select></label>`}
      <label>Keep these as <input name="name" required maxlength="100" /></label>
      <button disabled=${body.labels.length < 2}>Keep</button>
    </form>`;
}

function Groups({run}) {
  const {state, result, problem} = run;
  if (state === "failed") return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!result) return html`<p class="quiet" role="status">${state === "running" ? "Sorting…" : "Name two classes or more."}</p>`;
  return html`
    <div class=${state === "running" ? "stale" : ""} aria-busy=${state === "running"}>
      <p class="quiet" role="status">${result.total} items</p>
      <ul class="groups">
        ${result.labels.map((each) => html`<${Group} key=${each.name} group=${each} total=${result.total} />`)}
        <${Group} group=${{name: "none", count: result.none, best: result.none_items ?? []}} total=${result.total} />
      </ul>
    </div>`;
}

function Group({group, total}) {
  const share = total ? group.count / total : 0;
  return html`
    <li class="card">
      <h2>${group.name} <span class="quiet">${group.count}</span></h2>
      <meter min="0" max="1" value=${share} aria-label=${`${Math.round(100 * share)} per cent are ${group.name}`}></meter>
      <${Items} items=${group.best} />
      ${group.least_certain?.length > 0 && group.count > SHOWN && html`
        <details><summary>Least certain</summary><${Items} items=${group.least_certain} /></details>`}
    </li>`;
}

function Items({items}) {
  return html`
    <ul class="samples">${items.map((each) => html`
      <li key=${each.id}>
        <a href=${pathOf("document", {c: current.value, d: each.document_id, i: each.id})} title=${`${each.document_name}, ${Math.round(100 * each.confidence)}%`}>
          ${each.modality === "image" && each.media_type?.startsWith("image/")
            ? html`<img loading="lazy" src=${inCollection(current.value, "documents", each.document_id, "thumbnail")} alt=${each.document_name} />`
            : html`<span class="snippet">${each.text || each.document_name}</span>`}
        </a>
        <span class="quiet">${Math.round(100 * each.confidence)}%</span>
      </li>`)}
    </ul>`;
}
