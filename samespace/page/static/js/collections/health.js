// The health of the installation: problems, checks, workers, queue.
import {request} from "../lib/api.js";
import {pluralize} from "../lib/format.js";
import {html} from "../lib/html.js";
import {usePolling} from "../lib/polling.js";

const POLL_MS = 3000;

const CHECK_LABELS = {
  records: "Records", index: "Index", queue: "Queue", blobs: "Originals", workers: "Workers", space: "Disk space", encoders: "Models",
};

export function Health() {
  const {data: status, problem} = usePolling(() => request("GET", "/v1/status"), POLL_MS, []);
  return html`
    <h2>Health</h2>
    ${problem && html`<p class="bad" role="alert">${problem.message}</p>`}
    ${status && html`<${Checks} status=${status} /><${Figures} status=${status} />`}`;
}

function Checks({status}) {
  const problems = findProblems(status);
  const checks = Object.entries(status.checks);
  return html`
    <div role="status">
      ${problems.length ? html`<ul class="problems">${problems.map((each) => html`<li key=${each} class="bad">${each}</li>`)}</ul>` : html`<p class="all-well">Everything is working.</p>`}
    </div>
    <ul class="checks">${checks.map(([name, state]) => html`
      <li key=${name} class=${state}><span class="dot" aria-hidden="true"></span>${CHECK_LABELS[name] ?? name}
        <span class="quiet">${state === "ok" || state === "loading" ? state : "failing"}</span></li>`)}</ul>`;
}

/** Problems that need somebody's attention, as sentences. */
function findProblems({checks, workers, documents, queue, paused}) {
  const isOperator = queue !== null;  // keys limited to some collections get no details of the machines
  const problems = Object.entries(checks)
    .filter(([, state]) => state !== "ok" && state !== "loading")
    .filter(([name]) => name !== "workers" || !isOperator)  // reported below, with the queue length
    .map(([name, state]) => `${CHECK_LABELS[name] ?? name}: ${state}`);
  if (isOperator && !workers.length) {
    problems.push(`No worker is running: ${documents.queued ? `${pluralize(documents.queued, "document")} waiting` : "new documents will not be processed"}.`);
  }
  if (paused.length) problems.push(`Paused, new documents are not processed: ${paused.join(", ")}.`);
  return problems;
}

function Figures({status}) {
  const {queue, device, precision, workers, documents, version} = status;
  return html`
    <dl class="figures">
      <dt>Documents waiting</dt><dd>${documents.queued}${documents.processing ? `, ${documents.processing} processing` : ""}</dd>
      ${queue !== null && html`<dt>Messages in the queue</dt><dd>${queue}</dd>`}
      ${device && html`<dt>Queries are encoded on</dt><dd>${device}${precision ? `, ${precision}` : ""}</dd>`}
      ${workers.map((each, at) => html`<dt key=${each.id}>Worker ${at + 1}</dt><dd>${describeWorker(each)}</dd>`)}
      <dt>Release</dt><dd>${version}</dd>
    </dl>`;
}

/** Host, process and throughput of a worker. */
function describeWorker({host, pid, about}) {
  const encoded = Object.values(about.encoders ?? {}).reduce((sum, each) => sum + (each.items ?? 0), 0);
  return [`${host}, process ${pid}`, about.device && about.device !== "auto" && `on ${about.device}`, encoded && `${pluralize(encoded, "item")} encoded`].filter(Boolean).join(", ");
}
