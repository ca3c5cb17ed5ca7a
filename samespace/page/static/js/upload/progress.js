// Progress of uploads and ingest jobs: amount, rate, time left, and buttons to pause and cancel.
import {ProgressBar} from "../components/progress-bar.js";
import {collectionPath, request, signInRequired} from "../lib/api.js";
import {formatBytes, formatDuration, formatNumber, formatRate, pluralize} from "../lib/format.js";
import {html, useEffect, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {orNotify} from "../lib/notifications.js";
import {currentCollection} from "../state/collections.js";
import {collectionStatus, connection, jobs} from "../state/events.js";
import {backoff, cancelUnsent, continueNow, storageFull, transfer} from "./queue.js";

const MAX_JOBS = 4;

export function UploadProgress() {
  const ingestJobs = jobs.value.filter((job) => job.kind === "ingest");
  const paused = collectionStatus.value?.paused;
  const hiddenJobs = ingestJobs.length - MAX_JOBS;
  return html`
    <div class="work">
      ${connection.value === "lost" && html`<p class="note" role="status">The connection is lost. What you see may be out of date; the page reconnects by itself.</p>`}
      ${storageFull.value && html`<p class="note">This browser has no room to store all these files: leave this page open until they are sent.</p>`}
      <${BackoffNotice} />
      <${Transfer} />
      ${paused && html`<p class="note" role="status"><strong>${currentCollection.value} is paused.</strong> What you add is accepted and processed later.</p>`}
      ${ingestJobs.slice(0, MAX_JOBS).map((job) => html`<${JobProgress} key=${job.id} job=${job} />`)}
      ${hiddenJobs > 0 && html`<p class="quiet">and ${pluralize(hiddenJobs, "more job")}</p>`}
      ${(paused || ingestJobs.length > 0) && html`<div class="buttons needs-write"><${PauseButton} paused=${paused} /></div>`}
    </div>`;
}

function BackoffNotice() {
  const pause = backoff.value;
  const [, rerender] = useState(0);
  useEffect(() => {
    if (!pause) return undefined;
    const timer = setInterval(() => rerender(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [pause]);
  if (!pause || signInRequired.value) return null;
  const left = Math.max(0, Math.ceil((pause.until - Date.now()) / 1000));
  return html`
    <p class="note"><span role="status">${pause.reason}</span> <span>Trying again in ${left} s.</span>
      <button onClick=${continueNow}>Try now</button></p>`;
}

function Transfer() {
  const current = transfer.value;
  if (!current) return null;
  const {files, done, sent, since} = current;
  const bytesPerSecond = sent / Math.max(1, (Date.now() - since) / 1000);
  const left = bytesPerSecond > 0 ? (current.bytes - sent) / bytesPerSecond : null;
  const details = [`Sending ${pluralize(files, "file")}: ${formatNumber(done)} sent, ${formatBytes(Math.max(0, sent))} of ${formatBytes(current.bytes)}`,
    bytesPerSecond > 0 && !backoff.value && `${formatBytes(bytesPerSecond)} a second`, left > 1 && !backoff.value && `about ${formatDuration(left)} left`];
  return html`<${ProgressBar} label="Sending" fraction=${sent / (current.bytes || 1)} details=${details}>
    <button onClick=${() => cancelUnsent(() => true)}>Stop sending</button>
  </${ProgressBar}>`;
}

function JobProgress({job}) {
  const failed = job.documents?.failed;
  const details = [`${formatNumber(job.done)} of ${pluralize(job.total, "document")} done`, failed ? `${formatNumber(failed)} failed` : "",
    job.items_per_second && !job.paused ? `${formatRate(job.items_per_second)} items a second` : "",
    job.seconds_left && !job.paused ? `about ${formatDuration(job.seconds_left)} left` : "", job.paused ? "paused" : ""];
  return html`<${ProgressBar} label="Job" fraction=${job.done / (job.total || 1)} details=${details}>
    <button class="needs-write" onClick=${() => cancelJob(job)}>Cancel</button>
  </${ProgressBar}>`;
}

function PauseButton({paused}) {
  const toggle = () => requestOrNotify("POST", collectionPath(currentCollection.value, paused ? "resume" : "pause"));
  return html`<button onClick=${toggle}><${Icon} name=${paused ? "play" : "pause"} /> ${paused ? "Resume" : "Pause"} ${currentCollection.value}</button>`;
}

/** Cancel a job, including files that are not sent yet. */
function cancelJob(job) {
  cancelUnsent((upload) => upload.job === job.id);
  requestOrNotify("POST", `/v1/jobs/${job.id}/cancel`);
}

const requestOrNotify = (...args) => orNotify(() => request(...args));
