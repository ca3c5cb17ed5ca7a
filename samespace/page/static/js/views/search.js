// One box: words, pictures and found items, each with a weight, to one ranked list of passages and pictures.
import {address, go} from "../lib/router.js";
import {collections, current} from "../state/collections.js";
import {useRanking} from "../search/ranking.js";
import {html, useMemo, useRef} from "../lib/html.js";
import {markedWords} from "../search/highlight.js";
import {keepPlace, placeOf} from "../search/scroll-position.js";
import {readPart, writePart} from "../search/query.js";
import {parseTyped} from "../search/syntax.js";
import {Box} from "../search/query-box.js";
import {Filters, readFilter} from "../search/filters.js";
import {Results} from "../search/results.js";
import {Gone, Nothing, Start} from "../search/empty-states.js";

const TARGETS = [["", "Everything"], ["text", "Passages"], ["image", "Pictures"]];

export function Search() {
  const wanted = address.value.params.get("c");
  if (wanted && wanted !== current.value) return html`<${Gone} name=${wanted} />`;
  if (current.value === null) return html`<${Nothing} />`;
  return html`<${Asked} collection=${current.value} />`;
}

function Asked({collection}) {
  const asked = useAsked();
  const status = useRef(null);
  const filter = readFilter(asked.filter);
  const ranking = useRanking(collection, asked.problem || filter.problem ? [] : asked.all, {targets: asked.targets, filter: filter.json});
  const marks = useMemo(() => markedWords(asked.all), [asked.key]);
  // What was pressed goes with the old list; the focus waits where the new one is told of.
  const pick = useMemo(() => ({
    more: (part) => { status.current.focus({preventScroll: true}); show({...read(), text: "", parts: [part]}); },
    also: (part) => { status.current.focus({preventScroll: true}); show({...read(), parts: [...read().parts, part]}); },
  }), []);
  const about = collections.value.find((each) => each.name === collection);
  return html`
    <section class="search">
      <h1 class="hidden">Search ${collection}</h1>
      <${Box} asked=${asked} show=${show} />
      <div class="narrow">
        <${Targets} chosen=${asked.targets} onChoose=${(targets) => show({...read(), targets})} />
        <${Filters} collection=${collection} filter=${filter} onChange=${(next) => show({...read(), filter: next})} />
      </div>
      <${Results} ranking=${ranking} marks=${marks} pick=${pick} status=${status} collection=${about}
        problem=${asked.problem || filter.problem} isNarrowed=${Boolean(asked.targets || asked.filter)}
        onWiden=${() => show({...read(), targets: "", filter: ""})}
        onDropMissing=${() => show({...read(), parts: read().parts.filter((each) => each.kind !== "picture")})}
        start=${html`<${Start} collection=${about} show=${show} filter=${asked.filter} />`} />
    </section>`;
}

const Targets = ({chosen, onChoose}) => html`
  <fieldset class="segments">
    <legend class="hidden">What to look for</legend>
    ${TARGETS.map(([value, label]) => html`
      <label><input type="radio" name="targets" value=${value} checked=${chosen === value} onChange=${() => onChoose(value)} />
        <span>${label}</span></label>`)}
  </fieldset>`;

// The query in the address: `q` what stands in the box, `p` a part for each chip, `t` targets, `f` a filter.

function read() {
  const {params} = address.value;
  return {
    text: params.get("q") ?? "",
    parts: params.getAll("p").map(readPart).filter(Boolean),
    targets: TARGETS.some(([value]) => value === params.get("t")) ? params.get("t") : "",
    filter: params.get("f") ?? "",
  };
}

/** What the address asks, `all` its parts, the same object as long as it asks the same. */
function useAsked() {
  const key = address.value.params.toString();
  return useMemo(() => {
    const asked = read();
    const {parts, problem} = parseTyped(asked.text);
    return {...asked, key, problem, all: [...asked.parts, ...parts]};
  }, [key]);
}

function show({text, parts, targets, filter}) {
  if (placeOf()) keepPlace({y: scrollY});
  go("search", {c: current.value, q: text, p: parts.map(writePart), t: targets, f: filter});
  scrollTo(0, 0);
}
