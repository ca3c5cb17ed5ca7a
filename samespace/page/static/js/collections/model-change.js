// A change of the model that is under way or can be gone back on: its state in words, and what can be done.
import {ConfirmButton} from "../components/confirm.js";
import {ProgressBar} from "../components/progress-bar.js";
import {collectionPath, request} from "../lib/api.js";
import {useFocusIfLost} from "../lib/focus.js";
import {formatDateTime, formatDuration, formatNumber, pluralize} from "../lib/format.js";
import {html, useState} from "../lib/html.js";
import {pathTo} from "../lib/router.js";
import {jobs} from "../state/events.js";

export function Change({collection, change, takesFocus, onChanged}) {
  const heading = useFocusIfLost(takesFocus);
  const action = useAction(onChanged);
  const job = change.problem ? null : jobs.value.find((each) => each.kind === "build");
  const awaited = change.state === "building" || change.waits_for !== null ? job : null;
  return html`
    <h2 ref=${heading} tabindex="-1">${change.before} → ${change.model}${change.space && `, space ${change.space}`}</h2>
    <p role="status">${sentenceOf(change)}</p>
    ${awaited && html`<div class="work"><${Building} job=${awaited} /></div>`}
    ${!awaited && change.state === "building" && !change.problem && html`
      <p class="quiet">${pluralize(change.lacking, "document")} lacking; what is lacking is written in the background.</p>`}
    ${change.problem && html`<p class="bad" role="alert">${change.problem}</p>`}
    <${NotTaken} change=${change} />
    <${Actions} collection=${collection} change=${change} awaited=${awaited} act=${action.run} isBusy=${action.isBusy} />
    ${action.problem && html`<p class="bad" role="alert">${action.problem}</p>`}`;
}

/** {isBusy, problem, run} of one request at a time; what the server refuses stays to be read. */
function useAction(onChanged) {
  const [state, setState] = useState({isBusy: false, problem: ""});
  async function run(...args) {
    setState({isBusy: true, problem: ""});
    try {
      await request(...args);
      setState({isBusy: false, problem: ""});
    } catch (problem) {
      setState({isBusy: false, problem: problem.message});
    }
    await onChanged().catch(() => {});
  }
  return {...state, run};
}

function sentenceOf({state, model, before, failed_total: failed, waits_for: waitsFor, swapped_at: swappedAt, kept_until: keptUntil}) {
  if (state === "swapped") {
    const kept = keptUntil ? ` until ${formatDateTime(keptUntil)}` : "";
    return waitsFor ? `It goes back to ${before} as soon as nothing is lacking there; searches ask ${model} until then.`
      : `Searches ask ${model} since ${formatDateTime(swappedAt)}. ${before} is kept${kept}, with what is added meanwhile, so that you can go back.`;
  }
  if (waitsFor) return `${model} is built beside ${before}; searches ask it as soon as nothing is lacking.`;
  if (state === "built") return `${model} is built, and ${failed ? "holds all but what it cannot take" : "nothing is lacking in it"}. Searches ask ${before} until you swap.`;
  return `${model} is built beside ${before}, which searches ask until you swap.`;
}

function Building({job}) {
  const begun = job.paused ? "" : "beginning";
  const details = [job.total ? `${formatNumber(job.done)} of ${pluralize(job.total, "item")} built` : begun, job.stage,
    job.seconds_left && !job.paused && `about ${formatDuration(job.seconds_left)} left`, job.paused && "waits, for the collection is paused"];
  return html`<${ProgressBar} label="Building" fraction=${job.total ? job.done / job.total : null} details=${details} />`;
}

function NotTaken({change: {failed, failed_total: total}}) {
  if (!total) return null;
  return html`
    <p class="poor">${pluralize(total, "document")} cannot be taken by the model${total > failed.length ? `; the first ${failed.length}:` : ":"}</p>
    <ul class="files">${failed.map((each) => html`<li class="file" key=${each.id}><span class="name">${each.name}</span><span class="reason">${each.reason}</span></li>`)}</ul>`;
}

/** `awaited` is the job that builds, or that a switch waits for. */
function Actions({collection, change, awaited, act, isBusy}) {
  const {state, model, before, space, failed_total: failed} = change;
  const path = (...rest) => collectionPath(collection, "model", ...rest);
  const isSwapped = state === "swapped";
  const turn = (force) => act("POST", path(isSwapped ? "back" : "swap"), {force});
  // Asked for again, what failed is tried again; what was retired has nothing but its job.
  const again = () => (isSwapped ? act("POST", `/v1/jobs/${change.job_id}/retry`) : act("POST", path(), {model, ...(space ? {space} : {})}));
  const label = isSwapped ? `Go back to ${before}` : state === "built" ? "Swap" : "Swap when it is built";
  return html`
    <div class="buttons needs-write">
      <a class="button" href=${pathTo("compare", {c: collection})}>Compare</a>
      ${!change.waits_for && html`<button class=${state === "built" ? "main" : ""} disabled=${isBusy} onClick=${() => turn(false)}>${isBusy ? "Please wait…" : label}</button>`}
      ${failed > 0 && state !== "building" && html`
        <${ConfirmButton} label=${isSwapped ? "Go back without them" : "Swap without them"} confirmLabel=${isSwapped ? "Really go back without them" : "Really swap without them"}
          subject=${`(${collection})`} onConfirm=${() => turn(true)} />`}
      ${(change.problem || (failed > 0 && !isSwapped)) && html`<button class=${isSwapped ? "" : "needs-all"} disabled=${isBusy} onClick=${again}>Try again</button>`}
      ${awaited
        ? html`<${ConfirmButton} label="Cancel" confirmLabel="Really cancel" subject=${`the change to ${isSwapped ? before : model}`} onConfirm=${() => act("POST", `/v1/jobs/${awaited.id}/cancel`)} />`
        : html`<${ConfirmButton} label="Give up" confirmLabel="Really give up" subject=${isSwapped ? before : model} onConfirm=${() => act("DELETE", path())} />`}
    </div>
    <p class="quiet">${isSwapped
      ? `Giving up ${before} frees its disk; there is no way back to it without building it.`
      : `What is built of ${model} goes when you ${awaited ? "cancel" : "give it up"}; searches do not notice.`}</p>`;
}
