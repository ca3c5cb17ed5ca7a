// The installation at a glance: what is wrong, in words; its workers, what waits.
import {ask} from "../lib/api.js";
import {many} from "../lib/format.js";
import {html} from "../lib/html.js";
import {usePolled} from "../lib/polling.js";

const LOOK_MS = 3000;

const PARTS = {
  records: "Records", index: "Index", queue: "Queue", blobs: "Originals", workers: "Workers", space: "Disk space", encoders: "Models",
};

export function Health() {
  const {found: status, problem} = usePolled(() => ask("GET", "/v1/status"), LOOK_MS, []);
  return html`
    <h2>Health</h2>
    ${problem && html`<p class="bad" role="alert">${problem.message}</p>`}
    ${status && html`<${Said} status=${status} /><${Figures} status=${status} />`}`;
}

function Said({status}) {
  const wrong = troubles(status);
  const all = Object.entries(status.checks);
  return html`
    <div role="status">
      ${wrong.length ? html`<ul class="troubles">${wrong.map((each) => html`<li key=${each} class="bad">${each}</li>`)}</ul>` : html`<p class="good-news">All is well.</p>`}
    </div>
    <ul class="checks">${all.map(([name, said]) => html`
      <li key=${name} class=${said}><span class="dot" aria-hidden="true"></span>${PARTS[name] ?? name}
        <span class="quiet">${said === "ok" || said === "loading" ? said : "not well"}</span></li>`)}</ul>`;
}

/** What somebody should see to, in words. */
function troubles({checks, workers, documents, queue, paused}) {
  const isOperator = queue !== null;  // a key that is limited to collections is told nothing of the machines
  const wrong = Object.entries(checks)
    .filter(([, said]) => said !== "ok" && said !== "loading")
    .filter(([name]) => name !== "workers" || !isOperator)  // said below, with what waits for one
    .map(([name, said]) => `${PARTS[name] ?? name}: ${said}`);
  if (isOperator && !workers.length) {
    wrong.push(`No worker is running: ${documents.queued ? `${many(documents.queued, "document")} wait` : "what is added will wait"}.`);
  }
  if (paused.length) wrong.push(`Paused, so that what is added waits: ${paused.join(", ")}.`);
  return wrong;
}

function Figures({status}) {
  const {queue, device, precision, workers, documents, version} = status;
  return html`
    <dl class="figures">
      <dt>Documents waiting</dt><dd>${documents.queued}${documents.processing ? `, ${documents.processing} at work` : ""}</dd>
      ${queue !== null && html`<dt>Messages in the queue</dt><dd>${queue}</dd>`}
      ${device && html`<dt>Questions are encoded on</dt><dd>${device}${precision ? `, ${precision}` : ""}</dd>`}
      ${workers.map((each, at) => html`<dt key=${each.id}>Worker ${at + 1}</dt><dd>${told(each)}</dd>`)}
      <dt>Release</dt><dd>${version}</dd>
    </dl>`;
}

/** Where a worker is and what it has done. */
function told({host, pid, about}) {
  const made = Object.values(about.encoders ?? {}).reduce((sum, each) => sum + (each.items ?? 0), 0);
  return [`${host}, process ${pid}`, about.device && about.device !== "auto" && `on ${about.device}`, made && `${many(made, "item")} encoded`].filter(Boolean).join(", ");
}
