// The collection sorted into classes that somebody names: counts, the surest and the least sure of each, and none.
import {address, go} from "../lib/router.js";
import {ask, inCollection} from "../lib/api.js";
import {percent} from "../lib/format.js";
import {current} from "../state/collections.js";
import {jobEnds} from "../state/events.js";
import {html, useEffect, useState} from "../lib/html.js";
import {draftOf, empty, labelSetOf, readDraft, repeats, writeDraft} from "../sort/labels.js";
import {say} from "../lib/notifications.js";
import {Classes} from "../sort/class-inputs.js";
import {Groups} from "../sort/groups.js";
import {Kept, useSets} from "../sort/label-sets.js";

const PAUSE_MS = 400;   // after the last key, before it is sorted anew
const SHOWN = 6;

const drafts = new Map();  // of this visit, by collection

export function Sort() {
  const name = current.value;
  const [sets, refresh] = useSets(name);
  if (!name) return html`<p class="empty">There is no collection to sort yet.</p>`;
  if (sets === null) return html`<p class="quiet" role="status">Loading…</p>`;
  return html`<${Sorting} key=${name} name=${name} sets=${sets} refresh=${refresh} />`;
}

function Sorting({name, sets, refresh}) {
  const [draft, change] = useDraft(name, sets);
  const run = useRun(name, draft);
  const load = (set) => change(loaded(set, draft, sets), {isStep: true});
  return html`
    <section class="sort">
      <h1>Sort ${name} into classes</h1>
      <${Classes} labels=${draft.labels} onChange=${(labels) => change({...draft, labels, set: ""})} />
      <${Narrow} draft=${draft} onChange=${(more) => change({...draft, ...more}, {isStep: true})} />
      <${Kept} collection=${name} draft=${draft} sets=${sets} refresh=${refresh} onLoad=${load}
        onKept=${(set) => change({...draft, set}, {isStep: true})} />
      <${Groups} run=${run} targets=${draft.targets} />
    </section>`;
}

/** The draft that the address tells, else that of before; what is changed goes into the address. */
function useDraft(name, sets) {
  const asked = address.value.params.toString();
  const [draft, setDraft] = useState(() => fromAddress(name, sets));
  useEffect(() => {
    if (JSON.stringify(writeDraft(draft)) !== JSON.stringify(writeDraft(fromAddress(name, sets)))) setDraft(fromAddress(name, sets));
  }, [asked]);
  useEffect(() => { go("sort", {c: name, ...writeDraft(draft)}, {replace: true}); }, []);
  const change = (next, {isStep = false} = {}) => {
    drafts.set(name, next);
    setDraft(next);
    go("sort", {c: name, ...writeDraft(next)}, {replace: !isStep && !draft.set});
  };
  return [draft, change];
}

function fromAddress(name, sets) {
  const found = readDraft(address.value.params);
  if (!found) return drafts.get(name) ?? empty();
  return found.set ? loaded(found.set, found, sets) : found;
}

function loaded(set, draft, sets) {
  const known = sets.find((each) => each.name === set);
  if (!known && set) say(`There is no label set “${set}” in this collection.`);
  return known ? {...draft, ...draftOf(known), set} : {...draft, set: ""};
}

/** How the collection falls into the classes of a draft: sorted anew a moment after each change. */
function useRun(name, draft) {
  const [run, setRun] = useState({state: "idle"});
  const body = {...labelSetOf(draft), best: SHOWN, ...(draft.targets ? {targets: [draft.targets]} : {})};
  const isComplete = body.labels.length >= 2 && !repeats(draft.labels).includes(true);
  useEffect(() => {
    if (!isComplete) return setRun({state: "idle"});
    const abort = new AbortController();
    const timer = setTimeout(() => sortInto(name, body, abort.signal).then(
      (result) => setRun({state: "done", result}),
      (problem) => { if (!abort.signal.aborted) setRun({state: "failed", problem}); },
    ), PAUSE_MS);
    setRun((before) => ({...before, state: "running"}));
    return () => { clearTimeout(timer); abort.abort(); };
  }, [JSON.stringify(body), isComplete]);
  return run;
}

/** The result of a job; one that nobody waits for any more is called off. */
async function sortInto(collection, body, abort) {
  const {job_id: job} = await ask("POST", inCollection(collection, "classify", "jobs"), body);
  const callOff = () => ask("POST", `/v1/jobs/${job}/cancel`).catch(() => {});
  if (abort.aborted) callOff();
  abort.addEventListener("abort", callOff);
  const {state, result, reason} = await jobEnds(job);
  abort.removeEventListener("abort", callOff);
  abort.throwIfAborted();
  if (state !== "ready") throw new Error(reason ?? `The job is ${state}.`);
  return result;
}

const TARGETS = [["", "Both"], ["text", "Passages"], ["image", "Pictures"]];

function Narrow({draft, onChange}) {
  const {targets, threshold} = draft;
  const choose = (event) => onChange({threshold: Number(event.target.value) / 100, set: ""});
  return html`
    <div class="narrow">
      <fieldset class="segments"><legend class="hidden">What is sorted</legend>
        ${TARGETS.map(([value, text]) => html`
          <label><input type="radio" name="targets" checked=${targets === value} onChange=${() => onChange({targets: value})} /><span>${text}</span></label>`)}
      </fieldset>
      <label class="slider">None when less sure than
        <input type="range" min="0" max="100" step="5" value=${threshold === null ? 40 : 100 * threshold} onChange=${choose}
          aria-valuetext=${threshold === null ? "as it fits" : percent(threshold)} />
        <output>${threshold === null ? "as it fits" : percent(threshold)}</output></label>
      ${threshold !== null && html`<button onClick=${() => onChange({threshold: null, set: ""})}>As it fits</button>`}
    </div>`;
}
