// View: search by words, pictures and items, each with a weight; one ranked list of results.
import {Segments} from "../components/segments.js";
import {html, useMemo, useRef} from "../lib/html.js";
import {parseTarget, targetOptions} from "../lib/modalities.js";
import {navigate, route} from "../lib/router.js";
import {CollectionNotFound, NoCollections, StartScreen} from "../search/empty-states.js";
import {Filters, parseFilter} from "../search/filters.js";
import {termsOf} from "../search/highlight.js";
import {QueryBox} from "../search/query-box.js";
import {parsePart, serializePart} from "../search/query.js";
import {useRanking} from "../search/ranking.js";
import {Results} from "../search/results.js";
import {savedPosition, savePosition} from "../search/scroll-position.js";
import {parseQuery} from "../search/syntax.js";
import {collections, currentCollection} from "../state/collections.js";

export function Search() {
  const requested = route.value.params.get("c");
  if (requested && requested !== currentCollection.value) return html`<${CollectionNotFound} name=${requested} />`;
  if (currentCollection.value === null) return html`<${NoCollections} />`;
  return html`<${SearchPanel} collection=${currentCollection.value} />`;
}

function SearchPanel({collection}) {
  const query = useQuery();
  const statusElement = useRef(null);
  const filter = parseFilter(query.filter);
  const ranking = useRanking(collection, query.problem || filter.problem ? [] : query.all, {targets: query.targets, filter: filter.json});
  const terms = useMemo(() => termsOf(query.all), [query.key]);
  // The pressed button is removed with the old list, so the focus moves to the status line.
  const actions = useMemo(() => ({
    searchSimilar: (part) => { statusElement.current.focus({preventScroll: true}); navigateToQuery({...readQuery(), text: "", parts: [part]}); },
    addToQuery: (part) => { statusElement.current.focus({preventScroll: true}); navigateToQuery({...readQuery(), parts: [...readQuery().parts, part]}); },
  }), []);
  const details = collections.value.find((each) => each.name === collection);
  return html`
    <section class="search">
      <h1 class="hidden">Search ${collection}</h1>
      <${QueryBox} query=${query} onQuery=${navigateToQuery} />
      <div class="narrow">
        <${Segments} label="What to look for" options=${targetOptions("Everything")} chosen=${query.targets} onChoose=${(targets) => navigateToQuery({...readQuery(), targets})} />
        <${Filters} collection=${collection} filter=${filter} onChange=${(next) => navigateToQuery({...readQuery(), filter: next})} />
      </div>
      <${Results} ranking=${ranking} terms=${terms} actions=${actions} status=${statusElement} collection=${details}
        problem=${query.problem || filter.problem} isNarrowed=${Boolean(query.targets || query.filter)}
        onWiden=${() => navigateToQuery({...readQuery(), targets: "", filter: ""})}
        onDropMissing=${() => navigateToQuery({...readQuery(), parts: readQuery().parts.filter((each) => each.kind !== "picture")})}
        start=${html`<${StartScreen} collection=${details} onQuery=${navigateToQuery} filter=${query.filter} />`} />
    </section>`;
}

// The query in the address: `q` the text in the box, `p` a part for each chip, `t` the target, `f` the filter.

function readQuery() {
  const {params} = route.value;
  return {
    text: params.get("q") ?? "",
    parts: params.getAll("p").map(parsePart).filter(Boolean),
    targets: parseTarget(params.get("t")),
    filter: params.get("f") ?? "",
  };
}

/** The query of the address, memoized; `all` are its parts including the typed ones. */
function useQuery() {
  const key = route.value.params.toString();
  return useMemo(() => {
    const query = readQuery();
    const {parts, problem} = parseQuery(query.text);
    return {...query, key, problem, all: [...query.parts, ...parts]};
  }, [key]);
}

function navigateToQuery({text, parts, targets, filter}) {
  if (savedPosition()) savePosition({y: scrollY});
  navigate("search", {c: currentCollection.value, q: text, p: parts.map(serializePart), t: targets, f: filter});
  scrollTo(0, 0);
}
