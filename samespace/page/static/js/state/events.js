// One event stream for the page: the jobs of a collection, and what happens to its documents.
import {ask, inCollection, locked} from "../lib/api.js";
import {signal} from "../lib/html.js";

/** The unfinished jobs of the collection that is followed, newest first. */
export const jobs = signal([]);

/** Whether that collection is paused, and its documents by state; null until the server has said. */
export const about = signal(null);

/** "open", "lost" while the server does not answer, "closed" while nothing is followed. */
export const connection = signal("closed");

const LONGEST_WAIT_MS = 15000;
const listeners = new Set();
const awaited = new Map();

/**
 * Hear of documents that changed: `listener(documents, collection)`. With null some may have been missed,
 * `listener(null, collection, jobs)` only some of these jobs.
 */
export function onDocuments(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The final view of a job, once it has ended; rejects if there is no such job. */
export function jobEnds(id) {
  if (!awaited.has(id)) {
    const waiting = {};
    waiting.ended = new Promise((resolve, reject) => Object.assign(waiting, {resolve, reject}));
    awaited.set(id, waiting);
  }
  const {ended} = awaited.get(id);
  lookAt(id);
  return ended;
}

/** Follow a collection until the returned function is called; `onGone` if it is deleted meanwhile. */
export function followCollection(name, onGone = () => {}) {
  let source = null;
  let timer = 0;
  let tries = 0;
  const stop = () => {
    clearTimeout(timer);
    source?.close();
    removeEventListener("online", open);
    jobs.value = [];
    about.value = null;
    connection.value = "closed";
  };
  function open() {
    clearTimeout(timer);
    source?.close();
    source = listen(name, {onOpen: () => { tries = 0; }, onLost: lost, onGone: () => { stop(); onGone(); }});
  }
  function lost() {
    connection.value = "lost";
    if (source.readyState !== EventSource.CLOSED) return;  // the browser tries again by itself
    timer = setTimeout(open, Math.min(LONGEST_WAIT_MS, 1000 * 2 ** tries++));
    askWhy(name, () => { stop(); onGone(); });
  }
  addEventListener("online", open);
  open();
  return stop;
}

function listen(name, {onOpen, onLost, onGone}) {
  const source = new EventSource(inCollection(name, "events"));
  const on = (event, take) => source.addEventListener(event, (sent) => take(JSON.parse(sent.data)));
  source.onopen = () => {
    connection.value = "open";
    onOpen();
    tell(null, name);
    for (const id of awaited.keys()) lookAt(id);
  };
  source.onerror = onLost;
  on("collection", (said) => { about.value = said; });
  on("jobs", (found) => takeJobs(found, name));
  on("documents", (documents) => tell(documents, name));
  on("missed", () => tell(null, name));
  on("gone", onGone);
  return source;
}

function takeJobs(found, name) {
  jobs.value = found.filter((job) => !job.finished_at);
  const ended = found.filter((job) => job.finished_at);
  ended.forEach(settle);
  if (ended.length) tell(null, name, ended.map((job) => job.id));
}

function tell(...news) {
  for (const listener of listeners) listener(...news);
}

function settle(job) {
  awaited.get(job.id)?.resolve(job);
  awaited.delete(job.id);
}

/** It may have ended before it was followed, or while the server could not be heard. */
async function lookAt(id) {
  try {
    const job = await ask("GET", `/v1/jobs/${id}`);
    if (job.finished_at) settle(job);
  } catch (problem) {
    if (problem.status !== 404) return;  // asked again when the stream is open again
    awaited.get(id)?.reject(problem);
    awaited.delete(id);
  }
}

/** An event stream does not tell why it was refused: 401 shows the sign-in, 404 says that the collection is gone. */
async function askWhy(name, onGone) {
  if (locked.value) return;
  try {
    await ask("GET", inCollection(name));
  } catch (problem) {
    if (problem.status === 404) onGone();
  }
}
