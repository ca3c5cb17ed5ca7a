// The form that begins a change: another model is chosen, tried on some of what the collection holds, and built beside.
import {ProgressBar} from "../components/progress-bar.js";
import {collectionPath, request} from "../lib/api.js";
import {useFocusIfLost} from "../lib/focus.js";
import {formatBytes, formatDuration, formatNumber, pluralize} from "../lib/format.js";
import {html, useState} from "../lib/html.js";
import {route} from "../lib/router.js";
import {jobFinished, jobs} from "../state/events.js";
import {choices, ModelDescription, ModelOptions} from "./models.js";

const OTHER = " by name";  // no model can be called that
const KEEP_DAYS = 7;

export function ChangeForm({collection, indexes, takesFocus, onBegun}) {
  const heading = useFocusIfLost(takesFocus);
  const [wish, setWish] = useState({chosen: route.value.params.get("to") ?? "", typed: "", space: ""});
  const trial = useTrial(collection);
  const spaces = indexes.filter((each) => each.role === "live").map((each) => each.name);
  const change = (changes) => { setWish({...wish, ...changes}); trial.forget(); };
  const submit = (event) => {
    event.preventDefault();
    const model = wish.chosen === OTHER ? wish.typed.trim() : wish.chosen;
    trial.start({model, ...(wish.space ? {space: wish.space} : {})});
  };
  return html`
    <div class="needs-write needs-all">
      <h2 ref=${heading} tabindex="-1">Change the model</h2>
      <p class="quiet">Another model is built beside the one that is searched. Searches go on as before until you swap, and documents may be added all the while.</p>
      <form onSubmit=${submit}>
        <fieldset class="row" disabled=${trial.state === "running"}>
          <legend class="hidden">The model to change to</legend>
          <label>Model
            <select required value=${wish.chosen} onChange=${(event) => change({chosen: event.target.value})} aria-describedby="about-model">
              <option value="">Choose a model</option>
              <${ModelOptions} />
              <option value=${OTHER}>Another, by its name…</option>
            </select></label>
          ${wish.chosen === OTHER && html`
            <label class="wide">Its name
              <input required value=${wish.typed} onInput=${(event) => change({typed: event.target.value})} maxlength="1000" autocomplete="off" spellcheck=${false} aria-describedby="about-name" /></label>`}
          ${spaces.length > 1 && html`
            <label>Space
              <select value=${wish.space} onChange=${(event) => change({space: event.target.value})}>
                <option value="">all of them</option>
                ${spaces.map((each) => html`<option key=${each} value=${each}>${each} alone</option>`)}
              </select></label>`}
          <button class=${trial.cost ? "" : "main"}>${trial.cost ? "Try it again" : "Try it"}</button>
        </fieldset>
        ${wish.chosen === OTHER && html`<p id="about-name" class="quiet"><code>st:NAME</code> or <code>open_clip:NAME</code> of a model hub, or <code>st:/FOLDER</code> on the machine of the server.</p>`}
        <${ModelDescription} name=${wish.chosen} />
        <p class="quiet">Trying it says what it will cost; nothing is changed by that.</p>
      </form>
      <${Trial} trial=${trial} />
      ${trial.cost && html`<${Beginning} key=${trial.id} collection=${collection} wish=${trial.body} onBegun=${onBegun} />`}
    </div>`;
}

/** {state, id, body, cost, problem, start, forget} of trying a model; `state` is "none", "running" or "ended". */
function useTrial(collection) {
  const [trial, setTrial] = useState({state: "none"});
  async function start(body) {
    setTrial({state: "running", body});
    try {
      const {job_id: id} = await request("POST", collectionPath(collection, "model", "trial"), body);
      setTrial({state: "running", body, id});
      const {state, reason, result} = await jobFinished(id);
      if (state === "ready") setTrial({state: "ended", body, id, cost: result});
      else setTrial({state: "ended", problem: state === "cancelled" ? "" : reason ?? `The job is ${state}.`});
    } catch (problem) {
      setTrial({state: "ended", problem: problem.message});
    }
  }
  return {...trial, start, forget: () => setTrial({state: "none"})};
}

function Trial({trial}) {
  if (trial.problem) return html`<p class="bad" role="alert">${trial.problem}</p>`;
  if (trial.state === "running") return html`<${Running} trial=${trial} />`;
  if (!trial.cost) return null;
  const {items, to_encode: toEncode, seconds, bytes, tried, models, dims} = trial.cost;
  const known = items - toEncode;
  return html`
    <div role="status">
      <h3>What it costs</h3>
      <dl>
        <dt>Model</dt><dd>${models.map((model, at) => `${model} (${dims[at]} dimensions)`).join(", ")}</dd>
        <dt>Items</dt><dd>${formatNumber(items)}, to be encoded: ${formatNumber(toEncode)}${known > 0 && `; the vectors of ${formatNumber(known)} are known`}</dd>
        <dt>Time</dt><dd>about ${formatDuration(seconds)}, by a trial on ${pluralize(tried, "item")}</dd>
        <dt>Disk</dt><dd>about ${formatBytes(bytes)} more, until the old index is given up</dd>
      </dl>
    </div>`;
}

function Running({trial}) {
  const job = jobs.value.find((each) => each.id === trial.id);
  const fraction = job?.total ? job.done / job.total : null;
  // If it cannot be cancelled any more, its result says how it ended.
  const cancel = () => request("POST", `/v1/jobs/${trial.id}/cancel`).catch(() => {});
  return html`
    <div class="work" role="status">
      <${ProgressBar} label="Trial" fraction=${fraction} details=${[`Trying ${trial.body.model} on some of what the collection holds…`]}>
        ${trial.id && html`<button type="button" onClick=${cancel}>Cancel</button>`}
      <//>
    </div>`;
}

/** What is said with a change when it begins, and the button that begins it. */
function Beginning({collection, wish, onBegun}) {
  const [{isBusy, problem}, setState] = useState({isBusy: false});
  const submit = async (event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    setState({isBusy: true});
    try {
      await request("POST", collectionPath(collection, "model"), {...wish, swap: fields.has("swap"), keep_days: Number(fields.get("days"))});
      await onBegun();
    } catch (error) {
      setState({isBusy: false, problem: error.message});
    }
  };
  return html`
    <form onSubmit=${submit}>
      <div class="row">
        <label>Days to go back after the swap
          <input type="number" name="days" required min="0" max="3650" step="any" value=${KEEP_DAYS} /></label>
        <label class="check"><input type="checkbox" name="swap" /> Swap as soon as it is built</label>
      </div>
      ${problem && html`<p class="bad" role="alert">${problem}</p>`}
      <button class="main" disabled=${isBusy}>${isBusy ? "Beginning…" : "Build it beside"}</button>
    </form>`;
}
