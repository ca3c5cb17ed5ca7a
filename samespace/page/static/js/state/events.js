// The one event stream (EventSource) of the page: jobs and documents of the current collection.
import {collectionPath, request, signInRequired} from "../lib/api.js";
import {signal} from "../lib/html.js";

/** The unfinished jobs of that collection, newest first. */
export const jobs = signal([]);

/** {paused, documents}: whether it is paused, and its documents counted by state; null until the first event. */
export const collectionStatus = signal(null);

/** "open", "lost" while the connection is broken, "closed" without a subscription. */
export const connection = signal("closed");

const MAX_RETRY_MS = 15000;
const listeners = new Set();
const pendingJobs = new Map();

/**
 * Call `listener(documents, collection)` with documents that changed. `listener(null, collection)` means that events
 * may have been missed, `listener(null, collection, jobs)` only those of these jobs. Returns how to stop.
 */
export function onDocuments(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A promise of the job as it is once finished; rejects if there is no such job. */
export function jobFinished(id) {
  if (!pendingJobs.has(id)) {
    const deferred = {};
    deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, {resolve, reject}));
    pendingJobs.set(id, deferred);
  }
  checkJob(id);
  return pendingJobs.get(id).promise;
}

/** Subscribe to the events of a collection; returns how to unsubscribe. `onGone` is called if it is deleted. */
export function subscribe(name, onGone = () => {}) {
  let source = null;
  let timer = 0;
  let tries = 0;
  const stop = () => {
    clearTimeout(timer);
    source?.close();
    removeEventListener("online", open);
    jobs.value = [];
    collectionStatus.value = null;
    connection.value = "closed";
  };
  function open() {
    clearTimeout(timer);
    source?.close();
    source = openSource(name, {onOpen: () => { tries = 0; }, onError, onGone: () => { stop(); onGone(); }});
  }
  function onError() {
    connection.value = "lost";
    if (source.readyState !== EventSource.CLOSED) return;  // the browser reconnects by itself
    timer = setTimeout(open, Math.min(MAX_RETRY_MS, 1000 * 2 ** tries++));
    diagnose(name, () => { stop(); onGone(); });
  }
  addEventListener("online", open);
  open();
  return stop;
}

function openSource(name, {onOpen, onError, onGone}) {
  const source = new EventSource(collectionPath(name, "events"));
  const on = (name, handle) => source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  source.onopen = () => {
    connection.value = "open";
    onOpen();
    emit(null, name);
    for (const id of pendingJobs.keys()) checkJob(id);
  };
  source.onerror = onError;
  on("collection", (status) => { collectionStatus.value = status; });
  on("jobs", (updated) => handleJobs(updated, name));
  on("documents", (documents) => emit(documents, name));
  on("missed", () => emit(null, name));
  on("gone", onGone);
  return source;
}

function handleJobs(updated, name) {
  jobs.value = updated.filter((job) => !job.finished_at);
  const finished = updated.filter((job) => job.finished_at);
  finished.forEach(resolveJob);
  if (finished.length) emit(null, name, finished.map((job) => job.id));
}

function emit(...args) {
  for (const listener of listeners) listener(...args);
}

function resolveJob(job) {
  pendingJobs.get(job.id)?.resolve(job);
  pendingJobs.delete(job.id);
}

/** It may have finished before the subscription, or while the connection was broken. */
async function checkJob(id) {
  try {
    const job = await request("GET", `/v1/jobs/${id}`);
    if (job.finished_at) resolveJob(job);
  } catch (problem) {
    if (problem.status !== 404) return;  // checked again once the stream is open again
    pendingJobs.get(id)?.reject(problem);
    pendingJobs.delete(id);
  }
}

/** An EventSource does not expose the status of its response: a plain request tells 401 (sign in) from 404 (deleted). */
async function diagnose(name, onGone) {
  if (signInRequired.value) return;
  try {
    await request("GET", collectionPath(name));
  } catch (problem) {
    if (problem.status === 404) onGone();
  }
}
