// What is shown on its way in: files of this visit, and documents that the server tells of.
import {ask, inCollection} from "../lib/api.js";
import {onDocuments} from "../state/events.js";
import {batch, signal} from "../lib/html.js";

const MOST_STRANGERS = 1500;
const AT_ONCE = 500;
const AT_WORK = new Set(["queued", "processing"]);

/** Every file and document: {id, name, size, collection, state: signal({name, ...})}; the newest drop last. */
export const uploads = signal([]);

/** How many are in each state, by collection. */
export const counts = signal({});

const byDocument = new Map();
const early = new Map();
const inFlight = new Map();
let number = 0;
let strangers = 0;

/** Put rows on the list. */
export function addUploads(rows) {
  const added = rows.map((row) => ({id: ++number, ...row, state: signal(row.state)}));
  batch(() => {
    uploads.value = [...uploads.value, ...added];
    for (const each of added) count(each, each.state.peek().name, 1);
  });
  for (const each of added) remember(each);
  return added;
}

/** The one way to change what is known of a row. */
export function change(upload, changes) {
  const before = upload.state.peek();
  batch(() => {
    upload.state.value = {...before, ...changes};
    if (changes.name && changes.name !== before.name) {
      count(upload, before.name, -1);
      count(upload, changes.name, 1);
    }
  });
  remember(upload);
}

/** Take rows off the list. */
export function removeUploads(isGone) {
  const gone = uploads.value.filter(isGone);
  batch(() => {
    uploads.value = uploads.value.filter((each) => !isGone(each));
    for (const each of gone) {
      count(each, each.state.peek().name, -1);
      byDocument.delete(each.state.peek().document);
      if (each.isStranger) strangers -= 1;
    }
  });
}

/** While a request of a job is under way, its documents may be told of before it is answered. */
export function expect(job) {
  inFlight.set(job, (inFlight.get(job) ?? 0) + 1);
}

/** The answer is there and was taken in: what it did not name is somebody else's. */
export function expectNoMore(job, collection) {
  inFlight.set(job, inFlight.get(job) - 1);
  if (inFlight.get(job)) return;
  inFlight.delete(job);
  const left = [...early.values()].filter((each) => each.job_id === job);
  for (const each of left) early.delete(each.id);
  takeDocuments(left, collection);
}

/** What was told of a document before it was known as one of ours. */
export function toldEarly(id) {
  const told = early.get(id);
  early.delete(id);
  return told ? stateOf(told) : {};
}

function count(upload, name, by) {
  const mine = counts.value[upload.collection] ?? {};
  counts.value = {...counts.value, [upload.collection]: {...mine, [name]: (mine[name] ?? 0) + by}};
}

function remember(upload) {
  const {document} = upload.state.peek();
  if (!document) return;
  const same = byDocument.get(document) ?? [];
  if (!same.includes(upload)) byDocument.set(document, [...same, upload]);
}

const stateOf = ({id, state, reason, warnings, items_done, items_total, job_id}) =>
  ({document: id, name: state, reason, warnings, items_done, items_total, job: job_id});

onDocuments((documents, collection, ended) => {
  if (documents) batch(() => takeDocuments(documents, collection));
  else refresh(collection, ended);
});

function takeDocuments(documents, collection) {
  const unknown = [];
  for (const each of documents) {
    const mine = byDocument.get(each.id);
    if (each.state === "deleting") removeUploads((one) => mine?.includes(one));
    else if (mine) mine.forEach((one) => change(one, stateOf(each)));
    else if (inFlight.has(each.job_id)) early.set(each.id, each);
    else if (each.state === "failed" || AT_WORK.has(each.state)) unknown.push(each);
  }
  const some = unknown.slice(0, Math.max(0, MOST_STRANGERS - strangers));
  strangers += some.length;
  if (some.length) addUploads(some.map((each) => ({name: each.name, size: each.size, collection, isStranger: true, state: stateOf(each)})));
}

/** Ask for what may have been missed: all that is not at its end, or what belonged to these jobs. */
async function refresh(collection, ended) {
  const ids = uploads.value
    .filter((each) => each.collection === collection)
    .map((each) => each.state.peek())
    .filter((each) => each.document && AT_WORK.has(each.name) && (!ended || ended.includes(each.job)))
    .map((each) => each.document);
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const some = ids.slice(start, start + AT_ONCE);
    const found = await ask("POST", inCollection(collection, "documents", "get"), {ids: some}).catch(() => null);
    if (!found) return;
    const there = new Set(found.documents.map((each) => each.id));
    batch(() => takeDocuments(found.documents, collection));
    removeUploads((each) => some.includes(each.state.peek().document) && !there.has(each.state.peek().document));
  }
}
