// View: the index that is built beside the live one (or was live before), asked the same, side by side.
import {collectionPath, request} from "../lib/api.js";
import {html, useEffect, useMemo, useState} from "../lib/html.js";
import {parseTarget, targetOptions} from "../lib/modalities.js";
import {notify} from "../lib/notifications.js";
import {handleLinkClick, navigate, pathTo, route} from "../lib/router.js";
import {Columns} from "../compare/columns.js";
import {useComparison, useComparisonJob} from "../compare/comparison.js";
import {Figures} from "../compare/figures.js";
import {KeptQueries, keptBody, useKeptQueries} from "../compare/kept-queries.js";
import {orderSides} from "../compare/places.js";
import {Preference} from "../compare/preference.js";
import {QueryBox} from "../search/query-box.js";
import {parsePart, serializePart} from "../search/query.js";
import {fetchFirstPage} from "../search/request.js";
import {parseQuery} from "../search/syntax.js";
import {currentCollection, hasIndexBeside} from "../state/collections.js";

const SHOWN = 10;
const TARGETS = targetOptions("Everything");

export function Compare() {
  const name = currentCollection.value;
  if (!name) return html`<p class="empty">There is no collection to compare anything of yet.</p>`;
  if (!hasIndexBeside.value) return html`<${NothingBeside} name=${name} />`;
  return html`<${ComparePanel} key=${name} name=${name} />`;
}

const NothingBeside = ({name}) => html`
  <section onClick=${handleLinkClick}><h1>Compare models of ${name}</h1>
    <p>${name} is searched by one model, and there is none beside it to compare with.</p>
    <p class="quiet"><code>samespace collections model ${name} MODEL</code> builds another beside it, which nobody is shown before you swap.
      So does <a href=${pathTo("collections", {c: name, model: 1})}>Model of ${name}</a> here.</p></section>`;

function ComparePanel({name}) {
  const {comparison: known, problem, refresh} = useComparison(name);
  const kept = useKeptQueries(name);
  const job = useComparisonJob(name, refresh);
  const query = useQuery();
  if (problem && !known) return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!known) return html`<p class="quiet" role="status">Loading…</p>`;
  const body = query.problem ? null : keptBody(query.all, query.targets);
  return html`
    <section class="compare">
      <h1>Compare models of ${name}</h1>
      <${Standing} known=${known} />
      <${QueryBox} query=${query} onQuery=${(next) => ask({...next, isBlind: query.isBlind})} />
      <div class="narrow">
        <fieldset class="segments"><legend class="hidden">What to look for</legend>
          ${TARGETS.map(([value, label]) => html`
            <label><input type="radio" name="targets" checked=${query.targets === value} onChange=${() => ask({...query, targets: value})} /><span>${label}</span></label>`)}
        </fieldset>
        <label class="check"><input type="checkbox" checked=${query.isBlind} onChange=${() => ask({...query, isBlind: !query.isBlind})} /> Blind: hide which side is which</label>
        ${body && !kept.find(body) && html`<button onClick=${() => kept.keep(body)}>Keep this query</button>`}
      </div>
      <${SideBySide} key=${query.key} name=${name} query=${query} body=${body} known=${known} kept=${kept} onSaid=${() => { refresh(); kept.refresh(); }} />
      <section aria-labelledby="kept-title"><h2 id="kept-title">Kept queries</h2>
        <${KeptQueries} kept=${kept} current=${kept.find(body)} onQuery=${(chosen) => { ask({text: "", ...chosen, isBlind: query.isBlind}); scrollTo(0, 0); }} /></section>
      <${Figures} known=${known} job=${job} />
    </section>`;
}

function Standing({known}) {
  const {live, other, documents, held} = known;
  return html`
    <p class="quiet">Searches ask <strong>${live.name}</strong> of ${live.models.join(", ")}. Beside it stands <strong>${other.name}</strong> of ${other.models.join(", ")}${held < documents
      ? html`, which holds <strong>${held} of ${documents}</strong> documents: what it lacks, it cannot find.` : html`, which holds all ${documents} documents.`}</p>`;
}

/** Both answers to the query of the address, in an order that stays until the query changes. */
function SideBySide({name, query, body, known, kept, onSaid}) {
  const [{state, answers, problem}, setRun] = useState({state: query.all.length && !query.problem ? "loading" : "idle"});
  const [said, setSaid] = useState(null);
  const order = useMemo(() => orderSides(query.isBlind), []);
  useEffect(() => {
    if (state !== "loading") return undefined;
    const controller = new AbortController();
    const askSide = (indexes) => fetchFirstPage(name, query.all, {targets: query.targets, limit: SHOWN, indexes}, {abort: controller.signal, onRetry: () => {}});
    Promise.all([askSide("live"), askSide(known.other.role)]).then(
      ([live, other]) => setRun({state: "loaded", answers: {live, other}}),
      (error) => { if (!controller.signal.aborted) setRun({state: "failed", problem: error}); },
    );
    return () => controller.abort();
  }, []);
  if (query.problem) return html`<p class="bad" role="alert">${query.problem}</p>`;
  if (state === "idle") return html`<p class="quiet hint" role="status">Ask anything, and see what both sides answer.</p>`;
  if (state === "loading") return html`<p class="quiet" role="status" aria-busy="true">Asking both sides…</p>`;
  if (state === "failed") return html`<p class="bad" role="alert">${problem.message}</p>`;
  const names = {live: known.live.name, other: known.other.name};
  const say = (better) => request("POST", collectionPath(name, "compare", "marks"), {...body, better, blind: query.isBlind}).then(
    () => { setSaid(better); onSaid(); },
    (error) => notify(error.message),
  );
  return html`
    ${body
      ? html`<${Preference} order=${order} names=${names} isBlind=${query.isBlind} said=${said} onSay=${say} />`
      : html`<p class="remark">A query with a picture that you brought along cannot be kept, so nothing can be marked here.</p>`}
    <${Columns} collection=${name} order=${order} names=${query.isBlind && said === null ? null : names} answers=${answers}
      marks=${marksOf(kept.find(body))} onMark=${body && ((document, good) => kept.mark(body, document, good))} />`;
}

const marksOf = (kept) => new Map([...(kept?.good ?? []).map((id) => [id, true]), ...(kept?.bad ?? []).map((id) => [id, false])]);

// The query in the address, as that of the search; `b` is 1 while it is blind.

function useQuery() {
  const key = route.value.params.toString();
  return useMemo(() => {
    const {params} = route.value;
    const text = params.get("q") ?? "";
    const parts = params.getAll("p").map(parsePart).filter(Boolean);
    const {parts: typed, problem} = parseQuery(text);
    return {key, text, parts, problem, all: [...parts, ...typed], targets: parseTarget(params.get("t")), isBlind: params.get("b") === "1"};
  }, [key]);
}

const ask = ({text, parts, targets, isBlind}) =>
  navigate("compare", {c: currentCollection.value, q: text, p: parts.map(serializePart), t: targets, b: isBlind ? 1 : ""});
