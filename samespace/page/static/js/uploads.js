// Files on their way in: sent in batches with progress, then followed by the job's own events.
import {inCollection, problemOf} from "./api.js";
import {onDocuments} from "./follow.js";
import {batch, computed, signal} from "./html.js";

const AT_ONCE = 2;                 // requests
const BATCH_FILES = 20;
const BATCH_BYTES = 32 * 1024 * 1024;

/** Every file of this visit: {id, name, size, collection, state: signal({name, ...})}. */
export const uploads = signal([]);
const waiting = [];
let sending = 0;
let number = 0;

/** How many are in each state; states of files that were accepted are those of their documents. */
export const tally = computed(() => {
  const counts = {};
  for (const each of uploads.value) counts[each.state.value.name] = (counts[each.state.value.name] ?? 0) + 1;
  return counts;
});

/** Send files; `path` keeps a dropped folder's names apart. */
export function send(collection, files) {
  const added = files.map(({file, path}) => ({
    id: ++number, file, path, name: path || file.name, size: file.size, collection,
    state: signal({name: "waiting", sent: 0}),
  }));
  uploads.value = [...added.reverse(), ...uploads.value];
  waiting.push(...added.reverse());
  pump();
}

/** Send one again that failed before it was accepted. */
export function sendAgain(upload) {
  upload.state.value = {name: "waiting", sent: 0};
  waiting.push(upload);
  pump();
}

/** Forget those that have ended well. */
export const forgetDone = () => {
  uploads.value = uploads.value.filter((each) => each.state.value.name !== "ready");
};

function pump() {
  while (sending < AT_ONCE && waiting.length) {
    const some = takeBatch();
    sending += 1;
    sendBatch(some).finally(() => { sending -= 1; pump(); });
  }
}

function takeBatch() {
  const {collection} = waiting[0];
  const some = [];
  let bytes = 0;
  while (waiting.length && waiting[0].collection === collection && some.length < BATCH_FILES
    && (!some.length || bytes + waiting[0].size <= BATCH_BYTES)) {
    bytes += waiting[0].size;
    some.push(waiting.shift());
  }
  return some;
}

function sendBatch(some) {
  const form = new FormData();
  for (const each of some) form.append("file", each.file, each.file.name || "picture.png");
  form.set("documents", JSON.stringify(some.map((each) => (each.path ? {name: each.path, external_id: each.path} : {}))));
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();  // fetch does not tell how far an upload is
    request.open("POST", inCollection(some[0].collection, "documents"));
    request.responseType = "json";
    request.upload.onprogress = (event) => share(some, event.loaded);
    request.onload = () => { settle(some, request); resolve(); };
    request.onerror = () => { fail(some, "the server does not answer"); resolve(); };
    request.send(form);
  });
}

/** The bytes that have gone, shared out over the files in their order. */
function share(some, bytes) {
  batch(() => {
    for (const each of some) {
      const sent = Math.min(each.size, Math.max(0, bytes));
      bytes -= each.size;
      each.state.value = {name: "sending", sent};
    }
  });
}

function settle(some, request) {
  if (request.status === 429 || request.status === 503) return later(some, request);
  const documents = request.response?.documents;
  if (documents) {
    batch(() => documents.forEach((document, at) => { some[at].state.value = stateOf(document, request.response.job_id); }));
    return undefined;
  }
  const problem = problemOf(request.status, request.response);
  const named = new Map((request.response?.errors ?? []).map((each) => [each.name, each.detail]));
  batch(() => some.forEach((each) => { each.state.value = {name: "refused", reason: named.get(each.name) ?? problem.message}; }));
  return undefined;
}

const stateOf = (document, job) => (document.error
  ? {name: "refused", reason: document.error.detail}
  : {name: document.state, document: document.id, job, outcome: document.outcome, warnings: document.warnings});

/** The server has as much as it can take: wait as long as it says. */
function later(some, request) {
  const seconds = Number(request.getResponseHeader("Retry-After")) || 5;
  const reason = request.response?.detail ?? "the server is busy";
  batch(() => some.forEach((each) => { each.state.value = {name: "waiting", sent: 0, reason}; }));
  setTimeout(() => { waiting.unshift(...some); pump(); }, seconds * 1000);
}

function fail(some, reason) {
  batch(() => some.forEach((each) => { each.state.value = {name: "refused", reason}; }));
}

onDocuments((documents) => {
  const byId = new Map((documents ?? []).map((each) => [each.id, each]));
  batch(() => {
    for (const upload of uploads.value) {
      const change = byId.get(upload.state.value.document);
      if (change) upload.state.value = {...upload.state.value, ...change, name: change.state};
    }
  });
});

addEventListener("beforeunload", (event) => {
  if (waiting.length || sending) event.preventDefault();
});
