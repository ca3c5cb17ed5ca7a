// Files on their way to the server: in batches, two at a time, until it has them.
import {ask, inCollection, locked, problemOf} from "../lib/api.js";
import {randomHex} from "../lib/random.js";
import {batch, signal} from "../lib/html.js";
import {adopt, forget, keep, newKey} from "./storage.js";
import {limits, refusalOf} from "./limits.js";
import {addUploads, change, expect, expectNoMore, toldEarly, uploads} from "./uploads.js";
import {post} from "./post.js";

const AT_ONCE = 2;
const BATCH_FILES = 40;
const BATCH_BYTES = 32e6;
const LONGEST_WAIT = 30;
const MOST_TRIES = 3;
const PASSING = new Set(["busy", "unavailable", "out_of_space"]);

/** Why nothing is sent at the moment, and until when: {reason, until}; null while all is well. */
export const hold = signal(null);

/** Whether files are waiting that this browser has no room to keep. */
export const unkept = signal(false);

/** {files, done, bytes, sent, since} of what is being sent; null when there is nothing. */
export const transfer = signal(null);

let waiting = [];
const underWay = new Set();
let timer = 0;
let silences = 0;

/** A new job: all that is sent with it is shown, paused and cancelled as one. */
export const newJob = () => randomHex(32);

/** Send files {file, path} or texts {text, name}; refused at once what the server would refuse. `sameName` says what
 * becomes of an older document of a file's name, see the API's `on_same_name`. */
export async function send(collection, job, things, sameName) {
  const known = await limits();
  const rows = things.map(({file, path, text, name}) => {
    const reason = file ? refusalOf(file, known) : null;
    return {
      key: newKey(), collection, job, file, path, text, sameName, name: path || name || file.name, size: file?.size ?? text.length,
      state: reason ? {name: "refused", reason} : {name: "waiting", job},
    };
  });
  enqueue(addUploads(rows).filter(isUnsent));
}

function enqueue(added) {
  waiting.push(...added);
  countTransfer(added);
  keep(added, isUnsent).then((all) => { if (!all) unkept.value = true; });
  pump();
}

const isUnsent = (upload) => ["waiting", "sending"].includes(upload.state.peek().name);

/** Send one again that was refused or called off before it was accepted. */
export function sendAgain(upload) {
  change(upload, {name: "waiting", reason: null, sent: 0, tries: 0});
  enqueue([upload]);
}

/** Call off what was not accepted yet. */
export function dropUnsent(which) {
  const gone = uploads.value.filter((each) => which(each) && isUnsent(each));
  waiting = waiting.filter((each) => !gone.includes(each));
  batch(() => gone.forEach((each) => change(each, {name: "cancelled"})));
  for (const each of underWay) if (each.some.some((one) => gone.includes(one))) each.abort();
  leave(gone);
}

/** Go on now, whatever was to be waited for. */
export function goOn() {
  clearTimeout(timer);
  hold.value = null;
  pump();
}

function wait(seconds, reason) {
  clearTimeout(timer);
  hold.value = {reason, until: Date.now() + seconds * 1000};
  timer = setTimeout(goOn, seconds * 1000);
}

async function pump() {
  if (!waiting.length || locked.value) return;
  const known = await limits();
  while (underWay.size < AT_ONCE && waiting.length && !hold.value && !locked.value) sendBatch(takeBatch(known));
}

/** The next ones that may go together: of one job, all files or all texts. */
function takeBatch(known) {
  const [first] = waiting;
  const most = Math.min(BATCH_FILES, known?.max_files ?? 1);
  let size = 0;
  let end = 0;
  while (end < Math.min(most, waiting.length) && fits(waiting[end], first) && (!end || size + waiting[end].size <= BATCH_BYTES)) {
    size += waiting[end++].size;
  }
  return waiting.splice(0, end);
}

const fits = (one, first) => one.job === first.job && one.collection === first.collection && !one.text === !first.text;

async function sendBatch(some) {
  const [{collection, job}] = some;
  const request = post(`${inCollection(collection, "documents")}?job=${job}`, bodyOf(some), (bytes) => share(some, bytes));
  const entry = {some, abort: request.abort};
  underWay.add(entry);
  expect(job);
  batch(() => some.forEach((each) => change(each, {name: "sending", sent: 0})));
  const answer = await request.answer;
  batch(() => settle(some, answer));
  underWay.delete(entry);
  expectNoMore(job, collection);
  endTransfer();
  pump();
}

function bodyOf(some) {
  if (some[0].text) return JSON.stringify({documents: some.map(({text, name}) => ({text, name}))});
  const form = new FormData();
  for (const {file} of some) form.append("file", file, file.name || "picture.png");
  // A folder's files are known by their paths, others by their bytes: what comes twice is one document.
  form.set("documents", JSON.stringify(some.map(noteOf)));
  return form;
}

const noteOf = ({path, sameName}) => (path ? {name: path, external_id: path} : sameName ? {on_same_name: sameName} : {});

/** The bytes that have gone, shared out over the files in their order. */
function share(some, bytes) {
  const before = sentOf(some);
  batch(() => {
    for (const each of some) {
      const sent = Math.min(each.size, Math.max(0, bytes));
      bytes -= each.size;
      if (each.state.peek().name === "sending" && each.state.peek().sent !== sent) change(each, {sent});
    }
    move({sent: sentOf(some) - before});
  });
}

const sentOf = (some) => some.reduce((sum, each) => sum + (each.state.peek().sent ?? 0), 0);

function settle(some, {status, body, retryAfter}) {
  const left = some.filter((each) => each.state.peek().name === "sending");
  if (status === "aborted") return putBack(left);
  if (status === 0) return waitFor(left, Math.min(LONGEST_WAIT, 2 ** silences++), "The server does not answer.");
  silences = 0;
  if (status === 401) problemOf(status, body);
  if (status === 401) return putBack(left);
  if (status === 429 || status === 503) return waitFor(left, retryAfter || 5, body?.detail ?? "The server is busy.");
  if (status >= 500) return tryAgain(left, body?.detail ?? `the server answered ${status}`);
  if (body?.documents) return accept(some, body);
  const reasons = body?.errors?.length === some.length ? body.errors : [];
  return refuse(some, some.map((_, at) => reasons[at]?.detail ?? problemOf(status, body).message));
}

function accept(some, body) {
  const passing = some.filter((_, at) => PASSING.has(body.documents[at].error?.code));
  if (passing.length) waitFor(passing, 5, body.documents.find((each) => PASSING.has(each.error?.code)).error.detail);
  some.forEach((each, at) => {
    const told = body.documents[at];
    if (told.error && !passing.includes(each)) refuse([each], [told.error.detail]);
    if (!told.error) taken(each, told, body.job_id);
  });
}

function taken(upload, document, job) {
  const wasCancelled = upload.state.peek().name === "cancelled";
  const {id, state, outcome, warnings, same_name: sameName} = document;
  change(upload, {name: state, document: id, job, outcome, warnings, sameName, reason: null, sent: upload.size, ...toldEarly(id)});
  leave([upload]);
  move({done: 1});
  if (wasCancelled) cancelDocument(upload);
}

function refuse(some, reasons) {
  some.forEach((each, at) => change(each, {name: "refused", reason: reasons[at]}));
  leave(some);
  move({done: some.length});
}

/** They are no longer this browser's to keep. */
function leave(some) {
  forget(some);
  if (!waiting.some((each) => !each.kept)) unkept.value = false;
}

function putBack(some) {
  move({sent: -sentOf(some)});
  some.forEach((each) => change(each, {name: "waiting", sent: 0}));
  waiting.unshift(...some);
}

function waitFor(some, seconds, reason) {
  putBack(some);
  wait(seconds, reason);
}

function tryAgain(some, reason) {
  some.forEach((each) => change(each, {tries: (each.state.peek().tries ?? 0) + 1}));
  const lost = some.filter((each) => each.state.peek().tries >= MOST_TRIES);
  refuse(lost, lost.map(() => reason));
  const rest = some.filter((each) => !lost.includes(each));
  if (rest.length) waitFor(rest, 2, reason);
}

/** Call off a document that the server has. */
export const cancelDocument = (upload) =>
  ask("POST", inCollection(upload.collection, "documents", "cancel"), {ids: [upload.state.peek().document]});

function countTransfer(added) {
  const before = transfer.value ?? {files: 0, done: 0, bytes: 0, sent: 0, since: Date.now()};
  const size = added.reduce((sum, each) => sum + each.size, 0);
  if (added.length) transfer.value = {...before, files: before.files + added.length, bytes: before.bytes + size};
}

function move({done = 0, sent = 0}) {
  const before = transfer.value;
  if (before) transfer.value = {...before, done: before.done + done, sent: before.sent + sent};
}

function endTransfer() {
  if (!waiting.length && !underWay.size) transfer.value = null;
}

let isResumed = false;

/** Go on with what an earlier visit could not send. */
export async function resume() {
  if (isResumed) return;
  isResumed = true;
  const left = await adopt();
  enqueue(addUploads(left.map((each) => ({
    ...each, size: each.file?.size ?? each.text.length, kept: true, state: {name: "waiting", job: each.job},
  }))));
}

locked.subscribe((isLocked) => { if (!isLocked) pump(); });
addEventListener("online", goOn);
addEventListener("beforeunload", (event) => {
  if (uploads.value.some((each) => isUnsent(each) && !each.kept)) event.preventDefault();
});
