// A job that is being worked on: how far, how fast, how long, and how to stop it.
import {ask} from "../api.js";
import {html} from "../html.js";
import {say} from "../notices.js";

export function Job({job}) {
  const label = `${job.done} of ${job.total} documents`;
  return html`
    <div class="job">
      <progress max=${job.total || 1} value=${job.done} aria-label=${label}></progress>
      <span>${label}${job.items_per_second ? `, ${rate(job.items_per_second)} items a second` : ""}${job.seconds_left ? `, about ${duration(job.seconds_left)} left` : ""}</span>
      ${job.paused ? html`<span class="state">paused</span>` : null}
      <button onClick=${() => cancel(job)}>Cancel</button>
    </div>`;
}

async function cancel(job) {
  try {
    await ask("POST", `/v1/jobs/${job.id}/cancel`);
  } catch (problem) {
    say(problem.message);
  }
}

const rate = (value) => (value < 10 ? value.toFixed(1) : Math.round(value));

/** Seconds in words. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
