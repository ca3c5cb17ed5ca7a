// What is being sent and what is being worked on: how far, how fast, how long, and how to stop it.
import {ask, inCollection, locked} from "../lib/api.js";
import {current} from "../state/collections.js";
import {bytes, duration, many, number, rate} from "../lib/format.js";
import {about, connection, jobs} from "../state/events.js";
import {html, useEffect, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {say} from "../lib/notifications.js";
import {dropUnsent, goOn, hold, transfer, unkept} from "./queue.js";

const MOST_JOBS = 4;

export function Work() {
  const ingest = jobs.value.filter((job) => job.kind === "ingest");
  const paused = about.value?.paused;
  const rest = ingest.length - MOST_JOBS;
  return html`
    <div class="work">
      ${connection.value === "lost" && html`<p class="note" role="status">The connection is lost. What you see may be old; it goes on by itself.</p>`}
      ${unkept.value && html`<p class="note">There is no room in this browser to keep all these files: leave this page open until they are sent.</p>`}
      <${Hold} />
      <${Transfer} />
      ${paused && html`<p class="note" role="status"><strong>${current.value} is paused.</strong> What you add is taken in and waits.</p>`}
      ${ingest.slice(0, MOST_JOBS).map((job) => html`<${Job} key=${job.id} job=${job} />`)}
      ${rest > 0 && html`<p class="quiet">and ${many(rest, "more job")}</p>`}
      ${(paused || ingest.length > 0) && html`<div class="buttons needs-write"><${Pause} paused=${paused} /></div>`}
    </div>`;
}

function Hold() {
  const held = hold.value;
  const [, tick] = useState(0);
  useEffect(() => {
    if (!held) return undefined;
    const timer = setInterval(() => tick(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [held]);
  if (!held || locked.value) return null;
  const left = Math.max(0, Math.ceil((held.until - Date.now()) / 1000));
  return html`
    <p class="note"><span role="status">${held.reason}</span> <span>Sending goes on in ${left} s.</span>
      <button onClick=${goOn}>Try now</button></p>`;
}

function Transfer() {
  const sending = transfer.value;
  if (!sending) return null;
  const {files, done, sent, since} = sending;
  const pace = sent / Math.max(1, (Date.now() - since) / 1000);
  const left = pace > 0 ? (sending.bytes - sent) / pace : null;
  const words = [`Sending ${many(files, "file")}: ${number(done)} sent, ${bytes(Math.max(0, sent))} of ${bytes(sending.bytes)}`,
    pace > 0 && !hold.value && `${bytes(pace)} a second`, left > 1 && !hold.value && `about ${duration(left)} left`];
  return html`<${Bar} label="Sending" share=${sent / (sending.bytes || 1)} words=${words}>
    <button onClick=${() => dropUnsent(() => true)}>Stop sending</button>
  </${Bar}>`;
}

function Job({job}) {
  const failed = job.documents?.failed;
  const words = [`${number(job.done)} of ${many(job.total, "document")} done`, failed ? `${number(failed)} failed` : "",
    job.items_per_second && !job.paused ? `${rate(job.items_per_second)} items a second` : "",
    job.seconds_left && !job.paused ? `about ${duration(job.seconds_left)} left` : "", job.paused ? "paused" : ""];
  return html`<${Bar} label="Job" share=${job.done / (job.total || 1)} words=${words}>
    <button class="needs-write" onClick=${() => cancel(job)}>Cancel</button>
  </${Bar}>`;
}

function Bar({label, share, words, children}) {
  const text = words.filter(Boolean).join(" · ");
  return html`
    <div class="job">
      <progress max="1" value=${share} aria-label=${label} aria-valuetext=${text}></progress>
      <span class="words">${text}</span>
      ${children}
    </div>`;
}

function Pause({paused}) {
  const press = () => act("POST", inCollection(current.value, paused ? "resume" : "pause"));
  return html`<button onClick=${press}><${Icon} name=${paused ? "play" : "pause"} /> ${paused ? "Resume" : "Pause"} ${current.value}</button>`;
}

/** The whole of it: also what was not sent yet. */
function cancel(job) {
  dropUnsent((upload) => upload.job === job.id);
  act("POST", `/v1/jobs/${job.id}/cancel`);
}

async function act(...request) {
  try {
    await ask(...request);
  } catch (problem) {
    say(problem.message);
  }
}
