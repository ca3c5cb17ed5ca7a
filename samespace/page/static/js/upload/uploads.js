// The list of uploads as signals: files of this tab, and documents of the collection that others added.
import {collectionPath, request} from "../lib/api.js";
import {batch, signal} from "../lib/html.js";
import {onDocuments} from "../state/events.js";

const MAX_FOREIGN = 1500;
const MAX_IDS = 500;
const ACTIVE = new Set(["queued", "processing"]);

/** All rows: {id, name, size, collection, state: signal({name, ...})}, newest last. */
export const uploads = signal([]);

/** Number of rows by collection and state. */
export const counts = signal({});

const byDocument = new Map();
const bufferedUpdates = new Map();
const inFlight = new Map();
let lastId = 0;
let foreignCount = 0;

/** Add rows. */
export function addUploads(rows) {
  const created = rows.map((row) => ({id: ++lastId, ...row, state: signal(row.state)}));
  batch(() => {
    uploads.value = [...uploads.value, ...created];
    for (const each of created) count(each, each.state.peek().name, 1);
  });
  for (const each of created) indexByDocument(each);
  return created;
}

/** Change the state of a row; the counts follow. */
export function updateUpload(upload, changes) {
  const previous = upload.state.peek();
  batch(() => {
    upload.state.value = {...previous, ...changes};
    if (changes.name && changes.name !== previous.name) {
      count(upload, previous.name, -1);
      count(upload, changes.name, 1);
    }
  });
  indexByDocument(upload);
}

/** Remove rows. */
export function removeUploads(matches) {
  const removed = uploads.value.filter(matches);
  batch(() => {
    uploads.value = uploads.value.filter((each) => !matches(each));
    for (const each of removed) {
      count(each, each.state.peek().name, -1);
      byDocument.delete(each.state.peek().document);
      if (each.isForeign) foreignCount -= 1;
    }
  });
}

/** From now on events may name documents of this job before the response to its request does: they are buffered. */
export function requestStarted(job) {
  inFlight.set(job, (inFlight.get(job) ?? 0) + 1);
}

/** The response was handled: buffered documents that it did not name were added by others. */
export function requestFinished(job, collection) {
  inFlight.set(job, inFlight.get(job) - 1);
  if (inFlight.get(job)) return;
  inFlight.delete(job);
  const unclaimed = [...bufferedUpdates.values()].filter((each) => each.job_id === job);
  for (const each of unclaimed) bufferedUpdates.delete(each.id);
  applyUpdates(unclaimed, collection);
}

/** The state from an event that came before the response, if there was one. */
export function takeBufferedUpdate(id) {
  const update = bufferedUpdates.get(id);
  bufferedUpdates.delete(id);
  return update ? toState(update) : {};
}

function count(upload, name, by) {
  const own = counts.value[upload.collection] ?? {};
  counts.value = {...counts.value, [upload.collection]: {...own, [name]: (own[name] ?? 0) + by}};
}

function indexByDocument(upload) {
  const {document} = upload.state.peek();
  if (!document) return;
  const same = byDocument.get(document) ?? [];
  if (!same.includes(upload)) byDocument.set(document, [...same, upload]);
}

const toState = ({id, state, reason, warnings, items_done, items_total, job_id}) =>
  ({document: id, name: state, reason, warnings, items_done, items_total, job: job_id});

onDocuments((documents, collection, finishedJobs) => {
  if (documents) batch(() => applyUpdates(documents, collection));
  else refetch(collection, finishedJobs);
});

function applyUpdates(documents, collection) {
  const unknown = [];
  for (const each of documents) {
    const rows = byDocument.get(each.id);
    if (each.state === "deleting") removeUploads((one) => rows?.includes(one));
    else if (rows) rows.forEach((one) => updateUpload(one, toState(each)));
    else if (inFlight.has(each.job_id)) bufferedUpdates.set(each.id, each);
    else if (each.state === "failed" || ACTIVE.has(each.state)) unknown.push(each);
  }
  const shown = unknown.slice(0, Math.max(0, MAX_FOREIGN - foreignCount));
  foreignCount += shown.length;
  if (shown.length) addUploads(shown.map((each) => ({name: each.name, size: each.size, collection, isForeign: true, state: toState(each)})));
}

/** Fetch unfinished documents whose events may have been missed; with `finishedJobs` only those of these jobs. */
async function refetch(collection, finishedJobs) {
  const ids = uploads.value
    .filter((each) => each.collection === collection)
    .map((each) => each.state.peek())
    .filter((each) => each.document && ACTIVE.has(each.name) && (!finishedJobs || finishedJobs.includes(each.job)))
    .map((each) => each.document);
  for (let start = 0; start < ids.length; start += MAX_IDS) {
    const chunk = ids.slice(start, start + MAX_IDS);
    const response = await request("POST", collectionPath(collection, "documents", "get"), {ids: chunk}).catch(() => null);
    if (!response) return;
    const existing = new Set(response.documents.map((each) => each.id));
    batch(() => applyUpdates(response.documents, collection));
    removeUploads((each) => chunk.includes(each.state.peek().document) && !existing.has(each.state.peek().document));
  }
}
