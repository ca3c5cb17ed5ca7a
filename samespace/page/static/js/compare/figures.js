// The comparison in figures: how alike the answers are, which side is better where that was judged, what each costs.
import {Table} from "../components/table.js";
import {formatBytes, formatDateTime, formatNumber} from "../lib/format.js";
import {html} from "../lib/html.js";
import {modalityOf} from "../lib/modalities.js";
import {jobs} from "../state/events.js";

const SOURCES = {kept: "Kept queries", log: "Query log", file: "Judged queries", passages: "Passages", pictures: "Pictures"};
const JUDGES = {file: "that a file judges", marks: "that people marked answers of"};

export function Figures({known, job}) {
  const {comparison, tally, compared_at: comparedAt, documents, held} = known;
  return html`
    <section class="figures" aria-labelledby="figures-title">
      <h2 id="figures-title">In figures</h2>
      <div class="row">
        <button class=${comparison ? "" : "main"} disabled=${job.isRunning} onClick=${() => job.start({partial: held < documents})}>
          ${job.isRunning ? "Comparing…" : comparison ? "Compare again" : "Compare in figures"}</button>
        <${Running} isRunning=${job.isRunning} />
        ${comparedAt && !job.isRunning && html`<span class="quiet">Compared ${formatDateTime(comparedAt)}, ${formatNumber(comparison.queries)} queries.</span>`}
      </div>
      ${job.problem && html`<p class="bad" role="alert">${job.problem.message}</p>`}
      <${Verdicts} comparison=${comparison} tally=${tally} />
      ${comparison && html`
        ${comparison.warnings.map((warning) => html`<p class="poor">${warning}</p>`)}
        <div class="tables">
          <${Agreement} comparison=${comparison} />
          ${comparison.judged.map((judged) => html`<${Judged} key=${judged.source} judged=${judged} />`)}
          <${Costs} comparison=${comparison} />
        </div>
        <${Moved} comparison=${comparison} />`}
    </section>`;
}

function Running({isRunning}) {
  const job = isRunning && jobs.value.find((each) => each.kind === "compare");
  if (!job) return null;
  return html`<span role="status" class="quiet">${job.stage ?? "waiting"} ${job.total ? `${job.done} of ${job.total}` : ""}</span>`;
}

function Verdicts({comparison, tally}) {
  const sentences = [...(comparison?.verdicts ?? []), ...(tally.verdict ? [tally.verdict] : [])];
  if (!sentences.length) {
    return html`<p class="quiet">Nothing is judged yet. How alike the answers are does not say which are better: mark answers as good or bad, or say which side is better.</p>`;
  }
  return html`<ul class="verdicts">${sentences.map((each) => html`<li>${each[0].toUpperCase() + each.slice(1)}.</li>`)}</ul>`;
}

const estimate = ({value, low, high}) => `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
const signed = (value) => (value > 0 ? `+${value.toFixed(3)}` : value.toFixed(3).replace("-", "−"));

const Agreement = ({comparison}) => html`
  <${Table} caption="How alike the answers are, with 95% intervals" head=${["", "Queries", "Overlap of the first 10", `Rank-biased overlap, p ${comparison.p}`]}
    rows=${comparison.agreement.map((each) => [SOURCES[each.source] ?? each.source, each.queries, estimate(each.overlap), estimate(each.rbo)])} />`;

const Judged = ({judged}) => html`
  <${Table} caption=${`By ${formatNumber(judged.queries)} ${judged.queries === 1 ? "query" : "queries"} ${JUDGES[judged.source] ?? ""}`} head=${["", "Live", "Other", "The other is better by"]}
    rows=${Object.entries(judged.measures).map(([name, each]) =>
      [name, each.live.toFixed(3), each.other.toFixed(3), `${signed(each.better_by.value)} (${signed(each.better_by.low)} to ${signed(each.better_by.high)})`])} />`;

function Costs({comparison: {live, other}}) {
  const milliseconds = (value) => (value === null ? "–" : `${value.toFixed(1)} ms`);
  const sum = (side, what) => side.indexes.reduce((total, each) => total + each[what], 0);
  const modalities = [...new Set([...Object.keys(live.vectors_per_second), ...Object.keys(other.vectors_per_second)])];
  const pace = (side, name) => (side.vectors_per_second[name] === undefined ? "–" : formatNumber(Math.round(side.vectors_per_second[name])));
  const rows = [
    ["Answer, median", milliseconds(live.p50_ms), milliseconds(other.p50_ms)],
    ["Answer, 95%", milliseconds(live.p95_ms), milliseconds(other.p95_ms)],
    ...modalities.map((name) => [`${modalityOf(name).label_plural} a second`, pace(live, name), pace(other, name)]),
    ["Items", formatNumber(sum(live, "items")), formatNumber(sum(other, "items"))],
    ["Size of the vectors", formatBytes(sum(live, "bytes")), formatBytes(sum(other, "bytes"))],
  ];
  return html`<${Table} caption="What each costs" head=${["", "Live", "Other"]} rows=${rows} />`;
}

const Moved = ({comparison}) => comparison.moved.length > 0 && html`
  <${Table} caption="Kept queries whose answers moved most" head=${["Query", "Overlap", "Rank-biased"]}
    rows=${comparison.moved.map((each) => [each.words, each.overlap.toFixed(2), each.rbo.toFixed(2)])} />`;
