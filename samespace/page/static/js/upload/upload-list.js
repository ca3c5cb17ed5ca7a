// The list of what is on its way in, by state; as much of it as is looked at.
import {go, pathOf} from "../lib/router.js";
import {ask, inCollection} from "../lib/api.js";
import {current} from "../state/collections.js";
import {many, number} from "../lib/format.js";
import {about} from "../state/events.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {say} from "../lib/notifications.js";
import {cancelDocument, dropUnsent, sendAgain} from "./queue.js";
import {change, counts, removeUploads, uploads} from "./uploads.js";

const ORDER = ["waiting", "sending", "queued", "processing", "ready", "failed", "refused", "cancelled"];
const AT_WORK = ORDER.slice(0, 4);
const STEP = 100;
const MOST = 1000;

export function Files() {
  const [only, setOnly] = useState(null);
  const mine = counts.value[current.value] ?? {};
  const chosen = mine[only] ? only : null;
  const total = Object.values(mine).reduce((sum, each) => sum + each, 0);
  const failed = about.value?.documents.failed ?? 0;
  if (!total && !failed) return null;
  return html`
    <div class="files-head">
      <div class="chosen" role="group" aria-label="Show">
        ${[null, ...ORDER].filter((name) => !name || mine[name]).map((name) => html`
          <button class=${`state ${name ?? ""}`} key=${name} aria-pressed=${String(name === chosen)} onClick=${() => setOnly(name)}>
            ${number(name ? mine[name] : total)} ${name ?? "in all"}</button>`)}
      </div>
      <${Done} counts=${mine} total=${total} />
      <div class="buttons">
        ${failed > 0 && html`<button class="needs-write" onClick=${() => retryAll(current.value)}>
          <${Icon} name="retry" /> Try ${failed === 1 ? "the failed one" : `all ${number(failed)} failed`} again</button>`}
        ${mine.ready > 0 && html`<button onClick=${() => go("search", {c: current.value})}><${Icon} name="search" /> Search them</button>
          <button onClick=${() => forgetReady(current.value)}>Clear ready ones</button>`}
      </div>
    </div>
    ${failed > (mine.failed ?? 0) && html`<p class="quiet">${many(failed, "document")} of ${current.value} failed; the newest are listed.</p>`}
    <${List} only=${chosen} key=${`${current.value} ${chosen}`} />`;
}

/** Read out once, when everything has come to its end. */
function Done({counts: mine, total}) {
  const words = AT_WORK.some((name) => mine[name]) || !total ? "" : ORDER.filter((name) => mine[name]).map((name) => `${mine[name]} ${name}`).join(", ");
  return html`<span class="hidden" role="status">${words && `All done: ${words}`}</span>`;
}

function List({only}) {
  const [most, setMost] = useState(STEP);
  const end = useRef(null);
  const mine = uploads.value.filter((each) => each.collection === current.value && (!only || each.state.peek().name === only));
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) setMost((before) => before + STEP); }, {rootMargin: "600px"});
    if (end.current) seen.observe(end.current);
    return () => seen.disconnect();
  }, [most < mine.length, most]);
  return html`
    <ul class="files">${mine.slice(0, most).map((each) => html`<${File} key=${each.id} upload=${each} />`)}</ul>
    ${most < mine.length && html`<p class="further" ref=${end}><button onClick=${() => setMost(most + STEP)}>Show more of ${number(mine.length)}</button></p>`}`;
}

function File({upload}) {
  const state = upload.state.value;
  const share = shareOf(upload, state);
  return html`
    <li class="file">
      <span class="name" title=${upload.name}>
        ${state.name === "ready" ? html`<a href=${pathOf("document", {c: upload.collection, d: state.document})}>${upload.name}</a>` : upload.name}</span>
      ${share !== null && html`<progress max="1" value=${share} aria-label=${`${upload.name}: ${state.name}`}></progress>`}
      <span class=${`state ${state.name}`}>${wordsOf(state)}</span>
      <${Press} upload=${upload} state=${state} />
      ${state.reason && html`<span class="reason">${state.reason}</span>`}
      ${state.warnings?.map((each) => html`<span class="warning">${each}</span>`)}
      <${Namesakes} upload=${upload} state=${state} />
    </li>`;
}

/** Older documents of the same name that answer beside this one, and a way to be rid of them. */
function Namesakes({upload, state: {name, outcome, sameName}}) {
  if (!sameName?.length || name === "failed" || name === "cancelled") return null;
  const older = sameName.length > 1 ? `${number(sameName.length)} others` : "Another document";
  return html`
    <span class="warning">${older} of this name ${outcome === "kept_both" ? "kept beside it" : "beside it"}.
      <button class="small needs-write" onClick=${() => drop(upload)} aria-label=${`Delete what else is called ${upload.name}`}>
        Delete the ${sameName.length > 1 ? "others" : "other one"}</button></span>`;
}

async function drop(upload) {
  const {sameName} = upload.state.value;
  try {
    const {deleted} = await ask("POST", inCollection(upload.collection, "documents", "delete"), {ids: sameName});
    change(upload, {sameName: []});
    say(`${many(deleted.length, "document")} called “${upload.name}” deleted.`, {kind: "good"});
  } catch (problem) {
    say(problem.message);
  }
}

function shareOf(upload, {name, sent, items_done: done, items_total: total}) {
  if (name === "sending") return sent / (upload.size || 1);
  return name === "processing" && total ? done / total : null;
}

const WORDS = {
  unchanged: "was here already", replaced: "ready, replaced an older one", kept_both: "ready, kept both", updated: "ready, with other metadata",
};

function wordsOf({name, outcome, items_done: done, items_total: total}) {
  if (name === "processing" && total) return `processing ${number(done)} of ${number(total)}`;
  if (name !== "ready") return name;
  return WORDS[outcome] ?? name;
}

function Press({upload, state: {name, document}}) {
  const label = (words) => `${words} ${upload.name}`;
  if (name === "refused" || (name === "cancelled" && !document)) {
    return (upload.file || upload.text) && html`
      <button class="small needs-write" aria-label=${label("Send again:")} onClick=${() => sendAgain(upload)}><${Icon} name="retry" /> Send again</button>`;
  }
  if (name === "failed" || name === "cancelled") {
    return html`<button class="small needs-write" aria-label=${label("Try again:")} onClick=${() => retry(upload)}><${Icon} name="retry" /> Try again</button>`;
  }
  return AT_WORK.includes(name) && html`
    <button class="icon needs-write" title="Cancel" aria-label=${label("Cancel")} onClick=${() => cancel(upload)}><${Icon} name="close" /></button>`;
}

async function retry(upload) {
  const {name, reason, outcome, document} = upload.state.value;
  // Before the answer: how the new turn ended may be told sooner than it comes.
  change(upload, {name: "queued", reason: null, outcome: null});
  try {
    await ask("POST", inCollection(upload.collection, "documents", "retry"), {ids: [document]});
  } catch (problem) {
    if (upload.state.value.name === "queued") change(upload, {name, reason, outcome});
    say(problem.message);
  }
}

async function cancel(upload) {
  if (!upload.state.value.document) return dropUnsent((each) => each === upload);
  return cancelDocument(upload).catch((problem) => say(problem.message));
}

/** All that failed in a collection, also what is not listed. */
async function retryAll(collection) {
  try {
    let retried = 0;
    for (let after = ""; after !== null;) {
      const page = await ask("GET", `${inCollection(collection, "documents")}?state=failed&limit=${MOST}&after=${after}`);
      const ids = page.documents.map((each) => each.id);
      if (ids.length) retried += (await ask("POST", inCollection(collection, "documents", "retry"), {ids})).retried.length;
      after = page.next;
    }
    say(`${many(retried, "document")} wait for another turn.`, {kind: "good"});
  } catch (problem) {
    say(problem.message);
  }
}

const forgetReady = (collection) =>
  removeUploads((each) => each.collection === collection && each.state.peek().name === "ready");
