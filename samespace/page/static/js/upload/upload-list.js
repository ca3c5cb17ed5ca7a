// The list of uploads, filtered by state; rows are rendered as they are scrolled to.
import {collectionPath, request} from "../lib/api.js";
import {formatNumber, pluralize} from "../lib/format.js";
import {html, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {notify, orNotify} from "../lib/notifications.js";
import {navigate, pathTo} from "../lib/router.js";
import {useListEnd} from "../lib/scroll.js";
import {currentCollection} from "../state/collections.js";
import {collectionStatus} from "../state/events.js";
import {cancelDocument, cancelUnsent, resend} from "./queue.js";
import {counts, removeUploads, updateUpload, uploads} from "./uploads.js";

const STATES = ["waiting", "sending", "queued", "processing", "ready", "failed", "refused", "cancelled"];
const ACTIVE = STATES.slice(0, 4);
const PAGE_SIZE = 100;
const MAX_RETRIED = 1000;

export function UploadList() {
  const [filter, setFilter] = useState(null);
  const ownCounts = counts.value[currentCollection.value] ?? {};
  const activeFilter = ownCounts[filter] ? filter : null;
  const total = Object.values(ownCounts).reduce((sum, each) => sum + each, 0);
  const failed = collectionStatus.value?.documents.failed ?? 0;
  if (!total && !failed) return null;
  return html`
    <div class="files-head">
      <div class="state-filter" role="group" aria-label="Show">
        ${[null, ...STATES].filter((name) => !name || ownCounts[name]).map((name) => html`
          <button class=${`state ${name ?? ""}`} key=${name} aria-pressed=${String(name === activeFilter)} onClick=${() => setFilter(name)}>
            ${formatNumber(name ? ownCounts[name] : total)} ${name ?? "in all"}</button>`)}
      </div>
      <${DoneMessage} ownCounts=${ownCounts} total=${total} />
      <div class="buttons">
        ${failed > 0 && html`<button class="needs-write" onClick=${() => retryAll(currentCollection.value)}>
          <${Icon} name="retry" /> Try ${failed === 1 ? "the failed one" : `all ${formatNumber(failed)} failed`} again</button>`}
        ${ownCounts.ready > 0 && html`<button onClick=${() => navigate("search", {c: currentCollection.value})}><${Icon} name="search" /> Search them</button>
          <button onClick=${() => clearReady(currentCollection.value)}>Clear ready ones</button>`}
      </div>
    </div>
    ${failed > (ownCounts.failed ?? 0) && html`<p class="quiet">${pluralize(failed, "document")} of ${currentCollection.value} failed; the newest are listed.</p>`}
    <${List} filter=${activeFilter} key=${`${currentCollection.value} ${activeFilter}`} />`;
}

/** Announced by screen readers once everything is finished. */
function DoneMessage({ownCounts, total}) {
  const summary = ACTIVE.some((name) => ownCounts[name]) || !total ? "" : STATES.filter((name) => ownCounts[name]).map((name) => `${ownCounts[name]} ${name}`).join(", ");
  return html`<span class="hidden" role="status">${summary && `All done: ${summary}`}</span>`;
}

function List({filter}) {
  const [limit, setLimit] = useState(PAGE_SIZE);
  const rows = uploads.value.filter((each) => each.collection === currentCollection.value && (!filter || each.state.peek().name === filter));
  const listEnd = useListEnd(limit < rows.length, () => setLimit((previous) => previous + PAGE_SIZE), [limit]);
  return html`
    <ul class="files">${rows.slice(0, limit).map((each) => html`<${UploadRow} key=${each.id} upload=${each} />`)}</ul>
    ${limit < rows.length && html`<p class="further" ref=${listEnd}><button onClick=${() => setLimit(limit + PAGE_SIZE)}>Show more of ${formatNumber(rows.length)}</button></p>`}`;
}

function UploadRow({upload}) {
  const state = upload.state.value;
  const progress = progressOf(upload, state);
  return html`
    <li class="file">
      <span class="name" title=${upload.name}>
        ${state.name === "ready" ? html`<a href=${pathTo("document", {c: upload.collection, d: state.document})}>${upload.name}</a>` : upload.name}</span>
      ${progress !== null && html`<progress max="1" value=${progress} aria-label=${`${upload.name}: ${state.name}`}></progress>`}
      <span class=${`state ${state.name}`}>${stateLabel(state)}</span>
      <${RowButton} upload=${upload} state=${state} />
      ${state.reason && html`<span class="reason">${state.reason}</span>`}
      ${state.warnings?.map((each) => html`<span class="warning">${each}</span>`)}
      <${SameNameNotice} upload=${upload} state=${state} />
    </li>`;
}

/** Other documents of the same name, and a button to delete them. */
function SameNameNotice({upload, state: {name, outcome, sameName}}) {
  if (!sameName?.length || name === "failed" || name === "cancelled") return null;
  const older = sameName.length > 1 ? `${formatNumber(sameName.length)} others` : "Another document";
  return html`
    <span class="warning">${older} of this name ${outcome === "kept_both" ? "kept beside it" : "beside it"}.
      <button class="small needs-write" onClick=${() => deleteSameName(upload)} aria-label=${`Delete other documents called ${upload.name}`}>
        Delete the ${sameName.length > 1 ? "others" : "other one"}</button></span>`;
}

const deleteSameName = (upload) => orNotify(async () => {
  const {deleted} = await request("POST", collectionPath(upload.collection, "documents", "delete"), {ids: upload.state.value.sameName});
  updateUpload(upload, {sameName: []});
  notify(`${pluralize(deleted.length, "document")} called “${upload.name}” deleted.`, {kind: "success"});
});

function progressOf(upload, {name, sent, items_done: done, items_total: total}) {
  if (name === "sending") return sent / (upload.size || 1);
  return name === "processing" && total ? done / total : null;
}

const OUTCOME_LABELS = {
  unchanged: "already there", replaced: "ready, replaced an older one", kept_both: "ready, kept both", updated: "ready, metadata updated",
};

function stateLabel({name, outcome, items_done: done, items_total: total}) {
  if (name === "processing" && total) return `processing ${formatNumber(done)} of ${formatNumber(total)}`;
  if (name !== "ready") return name;
  return OUTCOME_LABELS[outcome] ?? name;
}

function RowButton({upload, state: {name, document}}) {
  const label = (action) => `${action} ${upload.name}`;
  if (name === "refused" || (name === "cancelled" && !document)) {
    return (upload.file || upload.text) && html`
      <button class="small needs-write" aria-label=${label("Send again:")} onClick=${() => resend(upload)}><${Icon} name="retry" /> Send again</button>`;
  }
  if (name === "failed" || name === "cancelled") {
    return html`<button class="small needs-write" aria-label=${label("Try again:")} onClick=${() => retry(upload)}><${Icon} name="retry" /> Try again</button>`;
  }
  return ACTIVE.includes(name) && html`
    <button class="icon needs-write" title="Cancel" aria-label=${label("Cancel")} onClick=${() => cancel(upload)}><${Icon} name="close" /></button>`;
}

async function retry(upload) {
  const {name, reason, outcome, document} = upload.state.value;
  // Set before the response arrives: the event of its end may come first.
  updateUpload(upload, {name: "queued", reason: null, outcome: null});
  try {
    await request("POST", collectionPath(upload.collection, "documents", "retry"), {ids: [document]});
  } catch (problem) {
    if (upload.state.value.name === "queued") updateUpload(upload, {name, reason, outcome});
    notify(problem.message);
  }
}

function cancel(upload) {
  if (!upload.state.value.document) return cancelUnsent((each) => each === upload);
  return orNotify(() => cancelDocument(upload));
}

/** Retry all failed documents of a collection, also those that are not listed. */
const retryAll = (collection) => orNotify(async () => {
  let retried = 0;
  for (let after = ""; after !== null;) {
    const page = await request("GET", `${collectionPath(collection, "documents")}?state=failed&limit=${MAX_RETRIED}&after=${after}`);
    const ids = page.documents.map((each) => each.id);
    if (ids.length) retried += (await request("POST", collectionPath(collection, "documents", "retry"), {ids})).retried.length;
    after = page.next;
  }
  notify(`${pluralize(retried, "document")} queued again.`, {kind: "success"});
});

const clearReady = (collection) =>
  removeUploads((each) => each.collection === collection && each.state.peek().name === "ready");
