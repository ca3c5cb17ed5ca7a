// View: zero-shot classification of the collection into classes that the user names.
import {Segments} from "../components/segments.js";
import {collectionPath, request} from "../lib/api.js";
import {formatPercent} from "../lib/format.js";
import {html, useEffect, useState} from "../lib/html.js";
import {targetOptions} from "../lib/modalities.js";
import {notify} from "../lib/notifications.js";
import {navigate, route} from "../lib/router.js";
import {ClassInputs} from "../sort/class-inputs.js";
import {Groups} from "../sort/groups.js";
import {LabelSetForm, useLabelSets} from "../sort/label-sets.js";
import {draftFromParams, draftToParams, emptyDraft, findDuplicates, toDraft, toLabelSet} from "../sort/labels.js";
import {currentCollection} from "../state/collections.js";
import {jobFinished} from "../state/events.js";

const DEBOUNCE_MS = 400;   // after the last key press, before sorting again
const EXAMPLES = 6;

const drafts = new Map();  // by collection, until the page is reloaded

export function Sort() {
  const name = currentCollection.value;
  const [sets, refresh] = useLabelSets(name);
  if (!name) return html`<p class="empty">There is no collection to sort yet.</p>`;
  if (sets === null) return html`<p class="quiet" role="status">Loading…</p>`;
  return html`<${SortPanel} key=${name} name=${name} sets=${sets} refresh=${refresh} />`;
}

function SortPanel({name, sets, refresh}) {
  const [draft, change] = useDraft(name, sets);
  const run = useClassification(name, draft);
  const load = (set) => change(applyLabelSet(set, draft, sets), {isHistoryEntry: true});
  return html`
    <section class="sort">
      <h1>Sort ${name} into classes</h1>
      <${ClassInputs} labels=${draft.labels} onChange=${(labels) => change({...draft, labels, set: ""})} />
      <${Options} draft=${draft} onChange=${(changes) => change({...draft, ...changes}, {isHistoryEntry: true})} />
      <${LabelSetForm} collection=${name} draft=${draft} sets=${sets} refresh=${refresh} onLoad=${load}
        onSaved=${(set) => change({...draft, set}, {isHistoryEntry: true})} />
      <${Groups} run=${run} targets=${draft.targets} />
    </section>`;
}

/** The draft in the address, else the last one of the collection; changes are written to the address. */
function useDraft(name, sets) {
  const params = route.value.params.toString();
  const [draft, setDraft] = useState(() => readDraft(name, sets));
  useEffect(() => {
    if (JSON.stringify(draftToParams(draft)) !== JSON.stringify(draftToParams(readDraft(name, sets)))) setDraft(readDraft(name, sets));
  }, [params]);
  useEffect(() => { navigate("sort", {c: name, ...draftToParams(draft)}, {replace: true}); }, []);
  const change = (next, {isHistoryEntry = false} = {}) => {
    drafts.set(name, next);
    setDraft(next);
    navigate("sort", {c: name, ...draftToParams(next)}, {replace: !isHistoryEntry && !draft.set});
  };
  return [draft, change];
}

function readDraft(name, sets) {
  const draft = draftFromParams(route.value.params);
  if (!draft) return drafts.get(name) ?? emptyDraft();
  return draft.set ? applyLabelSet(draft.set, draft, sets) : draft;
}

function applyLabelSet(set, draft, sets) {
  const labelSet = sets.find((each) => each.name === set);
  if (!labelSet && set) notify(`There is no label set “${set}” in this collection.`);
  return labelSet ? {...draft, ...toDraft(labelSet), set} : {...draft, set: ""};
}

/** The classification by a draft, debounced: {state, result, problem}. */
function useClassification(name, draft) {
  const [run, setRun] = useState({state: "idle"});
  const body = {...toLabelSet(draft), best: EXAMPLES, ...(draft.targets ? {targets: [draft.targets]} : {})};
  const isComplete = body.labels.length >= 2 && !findDuplicates(draft.labels).includes(true);
  useEffect(() => {
    if (!isComplete) return setRun({state: "idle"});
    const abort = new AbortController();
    const timer = setTimeout(() => classify(name, body, abort.signal).then(
      (result) => setRun({state: "done", result}),
      (problem) => { if (!abort.signal.aborted) setRun({state: "failed", problem}); },
    ), DEBOUNCE_MS);
    setRun((previous) => ({...previous, state: "running"}));
    return () => { clearTimeout(timer); abort.abort(); };
  }, [JSON.stringify(body), isComplete]);
  return run;
}

/** Run a classification job to its result; the job is cancelled on abort. */
async function classify(collection, body, abort) {
  const {job_id: job} = await request("POST", collectionPath(collection, "classify", "jobs"), body);
  const cancel = () => request("POST", `/v1/jobs/${job}/cancel`).catch(() => {});
  if (abort.aborted) cancel();
  abort.addEventListener("abort", cancel);
  const {state, result, reason} = await jobFinished(job);
  abort.removeEventListener("abort", cancel);
  abort.throwIfAborted();
  if (state !== "ready") throw new Error(reason ?? `The job is ${state}.`);
  return result;
}

function Options({draft, onChange}) {
  const {targets, threshold} = draft;
  const onThreshold = (event) => onChange({threshold: Number(event.target.value) / 100, set: ""});
  return html`
    <div class="narrow">
      <${Segments} label="What is sorted" options=${targetOptions("Both")} chosen=${targets} onChoose=${(value) => onChange({targets: value})} />
      <label class="slider">None below a certainty of
        <input type="range" min="0" max="100" step="5" value=${threshold === null ? 40 : 100 * threshold} onChange=${onThreshold}
          aria-valuetext=${threshold === null ? "automatic" : formatPercent(threshold)} />
        <output>${threshold === null ? "automatic" : formatPercent(threshold)}</output></label>
      ${threshold !== null && html`<button onClick=${() => onChange({threshold: null, set: ""})}>Automatic</button>`}
    </div>`;
}
