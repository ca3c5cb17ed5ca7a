// The model of a collection: what it is searched by, and how far the change to another is.
import {Table} from "../components/table.js";
import {collectionPath, request} from "../lib/api.js";
import {formatNumber} from "../lib/format.js";
import {computed, html, useEffect, useRef, useState} from "../lib/html.js";
import {usePolling} from "../lib/polling.js";
import {handleLinkClick, pathTo} from "../lib/router.js";
import {currentCollection, refreshCollections} from "../state/collections.js";
import {jobs} from "../state/events.js";
import {pageSubject} from "../state/page-title.js";
import {ChangeForm} from "./change-form.js";
import {Change} from "./model-change.js";
import {modelName, outdated, refreshModels, useModels} from "./models.js";

const POLL_MS = 3000;
const ROLES = {live: "searched", building: "built beside", retired: "kept for going back"};

/** The state is fetched again when jobs start or finish. */
const unfinishedJobs = computed(() => jobs.value.map((job) => job.id).join());

export function ModelPanel() {
  const name = currentCollection.value;
  useModels();
  useEffect(() => {
    pageSubject.value = name ? `Model of ${name}` : "";
    return () => { pageSubject.value = ""; };
  }, [name]);
  return html`
    <section class="model" onClick=${handleLinkClick}>
      <p><a href=${pathTo("collections", {c: name})}>All collections</a></p>
      ${name
        ? html`<h1>Model of ${name}</h1><${Standing} key=${name} name=${name} />`
        : html`<h1>Model</h1><p class="quiet">There are no collections yet.</p>`}
    </section>`;
}

function Standing({name}) {
  const [version, setVersion] = useState(0);
  const last = useRef(null);
  const hasChanged = useRef(false);
  const {data, problem} = usePolling(() => request("GET", collectionPath(name, "model")), POLL_MS, [name, version, unfinishedJobs.value]);
  last.current = data ?? last.current;  // what is typed stays while the server does not answer
  const known = last.current;
  const onChanged = async () => {
    hasChanged.current = true;
    setVersion((previous) => previous + 1);
    await Promise.all([refreshCollections(), refreshModels()]);
  };
  if (!known && problem) return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!known) return html`<p class="quiet" role="status" aria-busy="true">Loading…</p>`;
  return html`
    ${outdated.value.has(name) && !known.change && html`<p class="remark">This collection goes on with the starter of an earlier release; a better one is here.</p>`}
    <${Indexes} indexes=${known.indexes} />
    ${known.change
      ? html`<${Change} collection=${name} change=${known.change} takesFocus=${hasChanged.current} onChanged=${onChanged} />`
      : html`<${ChangeForm} collection=${name} indexes=${known.indexes} takesFocus=${hasChanged.current} onBegun=${onChanged} />`}`;
}

const Indexes = ({indexes}) => html`
  <${Table} caption="Its indexes" head=${["Model", "Space", "State", "Dimensions", "Documents", "Items"]}
    rows=${indexes.map((each) => [modelName(each), each.name, ROLES[each.role] ?? each.role, each.dim,
      each.held < each.documents ? `${formatNumber(each.held)} of ${formatNumber(each.documents)}` : formatNumber(each.held), formatNumber(each.items)])} />`;
