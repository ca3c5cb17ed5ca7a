// The installation at a glance: its parts, its workers, what waits.
import {ask} from "../api.js";
import {html, useEffect, useState} from "../html.js";

const LOOK_MS = 3000;

export function Health() {
  const [status, setStatus] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const look = () => ask("GET", "/v1/status").then((found) => { setStatus(found); setProblem(""); }, (error) => setProblem(error.message));
    look();
    const timer = setInterval(() => { if (!document.hidden) look(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return html`
    <h2>Health</h2>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${status && html`
      <ul class="checks">${Object.entries(status.checks).map(([name, said]) => html`
        <li class=${said === "ok" ? "ok" : "bad"}><span class="dot" aria-hidden="true"></span>${name}: ${said}</li>`)}</ul>
      <dl class="figures">
        <dt>Waiting in the queue</dt><dd>${status.queue ?? "unknown"}</dd>
        <dt>Encoding on</dt><dd>${status.device ?? "loading"}${status.precision ? `, ${status.precision}` : ""}</dd>
        <dt>Workers</dt><dd>${status.workers.length ? status.workers.map((each) => `${each.host} (${each.pid})`).join(", ") : html`<span class="bad">none: documents wait</span>`}</dd>
        <dt>Release</dt><dd>${status.version}</dd>
      </dl>`}`;
}
