// The upload queue: sends files and texts in batches, two requests at a time, with retries and backoff.
import {collectionPath, request, signInRequired, toProblem} from "../lib/api.js";
import {batch, signal} from "../lib/html.js";
import {randomHex} from "../lib/hex.js";
import {fetchLimits, refusalReason} from "./limits.js";
import {postWithProgress} from "./post.js";
import {deleteUploads, newKey, storeUploads, takeOverAbandoned} from "./storage.js";
import {addUploads, requestFinished, requestStarted, takeBufferedUpdate, updateUpload, uploads} from "./uploads.js";

const MAX_REQUESTS = 2;
const BATCH_FILES = 40;
const BATCH_BYTES = 32e6;
const MAX_BACKOFF_S = 30;
const MAX_ATTEMPTS = 3;
const TRANSIENT_ERRORS = new Set(["busy", "unavailable", "out_of_space"]);

/** {reason, until} while sending is suspended after an error; else null. */
export const backoff = signal(null);

/** Whether unsent files are lost on a reload, since the browser's storage is full. */
export const storageFull = signal(false);

/** {files, done, bytes, sent, since} of the current uploads; null if there are none. */
export const transfer = signal(null);

let pending = [];
const inFlight = new Set();
let timer = 0;
let failures = 0;

/** A new job id: uploads with the same one are shown, paused and cancelled together. */
export const newJobId = () => randomHex(32);

/** Upload files {file, path} or texts {text, name}; what exceeds the server's limits is refused without being sent.
 * `sameName` is the API's `on_same_name`: what happens to an older document of the same name. */
export async function addToQueue(collection, job, inputs, sameName) {
  const serverLimits = await fetchLimits();
  const rows = inputs.map(({file, path, text, name}) => {
    const reason = file ? refusalReason(file, serverLimits) : null;
    return {
      key: newKey(), collection, job, file, path, text, sameName, name: path || name || file.name, size: file?.size ?? text.length,
      state: reason ? {name: "refused", reason} : {name: "waiting", job},
    };
  });
  enqueue(addUploads(rows).filter(isUnsent));
}

function enqueue(added) {
  pending.push(...added);
  growTransfer(added);
  storeUploads(added, isUnsent).then((isStored) => { if (!isStored) storageFull.value = true; });
  processQueue();
}

const isUnsent = (upload) => ["waiting", "sending"].includes(upload.state.peek().name);

/** Send an upload again that was refused, or cancelled before it was accepted. */
export function resend(upload) {
  updateUpload(upload, {name: "waiting", reason: null, sent: 0, tries: 0});
  enqueue([upload]);
}

/** Cancel uploads that are not accepted yet. */
export function cancelUnsent(matches) {
  const cancelled = uploads.value.filter((each) => matches(each) && isUnsent(each));
  pending = pending.filter((each) => !cancelled.includes(each));
  batch(() => cancelled.forEach((each) => updateUpload(each, {name: "cancelled"})));
  for (const each of inFlight) if (each.batched.some((upload) => cancelled.includes(upload))) each.abort();
  removeStored(cancelled);
}

/** End the backoff and send. */
export function continueNow() {
  clearTimeout(timer);
  backoff.value = null;
  processQueue();
}

function backOff(seconds, reason) {
  clearTimeout(timer);
  backoff.value = {reason, until: Date.now() + seconds * 1000};
  timer = setTimeout(continueNow, seconds * 1000);
}

async function processQueue() {
  if (!pending.length || signInRequired.value) return;
  const serverLimits = await fetchLimits();
  while (inFlight.size < MAX_REQUESTS && pending.length && !backoff.value && !signInRequired.value) sendBatch(takeBatch(serverLimits));
}

/** Take the next uploads that fit into one request: of the same job, all files or all texts. */
function takeBatch(serverLimits) {
  const [first] = pending;
  const maxFiles = Math.min(BATCH_FILES, serverLimits?.max_files ?? 1);
  let size = 0;
  let end = 0;
  while (end < Math.min(maxFiles, pending.length) && isCompatible(pending[end], first) && (!end || size + pending[end].size <= BATCH_BYTES)) {
    size += pending[end++].size;
  }
  return pending.splice(0, end);
}

const isCompatible = (one, first) => one.job === first.job && one.collection === first.collection && !one.text === !first.text;

async function sendBatch(batched) {
  const [{collection, job}] = batched;
  const upload = postWithProgress(`${collectionPath(collection, "documents")}?job=${job}`, requestBody(batched), (loaded) => distributeProgress(batched, loaded));
  const entry = {batched, abort: upload.abort};
  inFlight.add(entry);
  requestStarted(job);
  batch(() => batched.forEach((each) => updateUpload(each, {name: "sending", sent: 0})));
  const response = await upload.response;
  batch(() => handleResponse(batched, response));
  inFlight.delete(entry);
  requestFinished(job, collection);
  finishTransfer();
  processQueue();
}

function requestBody(batched) {
  if (batched[0].text) return JSON.stringify({documents: batched.map(({text, name}) => ({text, name}))});
  const form = new FormData();
  for (const {file} of batched) form.append("file", file, file.name || "picture.png");
  // Files of a folder are identified by their paths, others by their content: duplicates become one document.
  form.set("documents", JSON.stringify(batched.map(documentOptions)));
  return form;
}

const documentOptions = ({path, sameName}) => (path ? {name: path, external_id: path} : sameName ? {on_same_name: sameName} : {});

/** Attribute the bytes sent so far to the files of a batch in their order. */
function distributeProgress(batched, loaded) {
  const sentBefore = bytesSent(batched);
  batch(() => {
    for (const each of batched) {
      const sent = Math.min(each.size, Math.max(0, loaded));
      loaded -= each.size;
      if (each.state.peek().name === "sending" && each.state.peek().sent !== sent) updateUpload(each, {sent});
    }
    updateTransfer({sent: bytesSent(batched) - sentBefore});
  });
}

const bytesSent = (batched) => batched.reduce((sum, each) => sum + (each.state.peek().sent ?? 0), 0);

function handleResponse(batched, {status, body, retryAfter}) {
  const unsettled = batched.filter((each) => each.state.peek().name === "sending");
  if (status === "aborted") return requeue(unsettled);
  if (status === 0) return requeueAfter(unsettled, Math.min(MAX_BACKOFF_S, 2 ** failures++), "The server does not answer.");
  failures = 0;
  if (status === 401) {
    toProblem(status, body);
    return requeue(unsettled);
  }
  if (status === 429 || status === 503) return requeueAfter(unsettled, retryAfter || 5, body?.detail ?? "The server is busy.");
  if (status >= 500) return retry(unsettled, body?.detail ?? `the server answered ${status}`);
  if (body?.documents) return handleAccepted(batched, body);
  const reasons = body?.errors?.length === batched.length ? body.errors : [];
  return markRefused(batched, batched.map((_, at) => reasons[at]?.detail ?? toProblem(status, body).message));
}

function handleAccepted(batched, body) {
  const transient = batched.filter((_, at) => TRANSIENT_ERRORS.has(body.documents[at].error?.code));
  if (transient.length) requeueAfter(transient, 5, body.documents.find((each) => TRANSIENT_ERRORS.has(each.error?.code)).error.detail);
  batched.forEach((each, at) => {
    const result = body.documents[at];
    if (result.error && !transient.includes(each)) markRefused([each], [result.error.detail]);
    if (!result.error) markAccepted(each, result, body.job_id);
  });
}

function markAccepted(upload, document, job) {
  const wasCancelled = upload.state.peek().name === "cancelled";
  const {id, state, outcome, warnings, same_name: sameName} = document;
  updateUpload(upload, {name: state, document: id, job, outcome, warnings, sameName, reason: null, sent: upload.size, ...takeBufferedUpdate(id)});
  removeStored([upload]);
  updateTransfer({done: 1});
  if (wasCancelled) cancelDocument(upload);
}

function markRefused(batched, reasons) {
  batched.forEach((each, at) => updateUpload(each, {name: "refused", reason: reasons[at]}));
  removeStored(batched);
  updateTransfer({done: batched.length});
}

function removeStored(batched) {
  deleteUploads(batched);
  if (!pending.some((each) => !each.isStored)) storageFull.value = false;
}

function requeue(batched) {
  updateTransfer({sent: -bytesSent(batched)});
  batched.forEach((each) => updateUpload(each, {name: "waiting", sent: 0}));
  pending.unshift(...batched);
}

function requeueAfter(batched, seconds, reason) {
  requeue(batched);
  backOff(seconds, reason);
}

function retry(batched, reason) {
  batched.forEach((each) => updateUpload(each, {tries: (each.state.peek().tries ?? 0) + 1}));
  const exhausted = batched.filter((each) => each.state.peek().tries >= MAX_ATTEMPTS);
  markRefused(exhausted, exhausted.map(() => reason));
  const remaining = batched.filter((each) => !exhausted.includes(each));
  if (remaining.length) requeueAfter(remaining, 2, reason);
}

/** Cancel a document that the server has accepted. */
export const cancelDocument = (upload) =>
  request("POST", collectionPath(upload.collection, "documents", "cancel"), {ids: [upload.state.peek().document]});

function growTransfer(added) {
  const previous = transfer.value ?? {files: 0, done: 0, bytes: 0, sent: 0, since: Date.now()};
  const size = added.reduce((sum, each) => sum + each.size, 0);
  if (added.length) transfer.value = {...previous, files: previous.files + added.length, bytes: previous.bytes + size};
}

function updateTransfer({done = 0, sent = 0}) {
  const previous = transfer.value;
  if (previous) transfer.value = {...previous, done: previous.done + done, sent: previous.sent + sent};
}

function finishTransfer() {
  if (!pending.length && !inFlight.size) transfer.value = null;
}

let hasResumed = false;

/** Continue the uploads that were interrupted by a reload or a closed tab. */
export async function resumeUploads() {
  if (hasResumed) return;
  hasResumed = true;
  const abandoned = await takeOverAbandoned();
  enqueue(addUploads(abandoned.map((each) => ({
    ...each, size: each.file?.size ?? each.text.length, isStored: true, state: {name: "waiting", job: each.job},
  }))));
}

signInRequired.subscribe((isRequired) => { if (!isRequired) processQueue(); });
addEventListener("online", continueNow);
addEventListener("beforeunload", (event) => {
  if (uploads.value.some((each) => isUnsent(each) && !each.isStored)) event.preventDefault();
});
