// Filters from the metadata that the collection really has, with counts.
import {ask, inCollection} from "../lib/api.js";
import {readExact, writeExact} from "../lib/json.js";
import {jobs} from "../state/events.js";
import {computed, html, useEffect, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";

/** Changes when work on documents begins and ends: there may be other metadata then. */
const atWork = computed(() => jobs.value.length);

/** The filter of the address: `chosen` values by field, `rest` what was not made here, `json` the whole, or `problem`. */
export function readFilter(text) {
  if (!text) return {chosen: {}, rest: [], json: null, problem: ""};
  try {
    const json = readExact(text);
    const all = Array.isArray(json?.and) && Object.keys(json).length === 1 ? json.and : [json];
    const chosen = Object.fromEntries(all.filter(isChoice).map((each) => [nameOf(each), each[nameOf(each)].eq]));
    return {chosen, rest: all.filter((each) => !isChoice(each)), json, problem: ""};
  } catch {
    return {chosen: {}, rest: [], json: null, problem: "The filter in the address is not JSON."};
  }
}

const nameOf = (test) => Object.keys(test)[0];

/** Whether it is of the form `{"year": {"eq": 1999}}`. */
function isChoice(test) {
  if (typeof test !== "object" || test === null || Object.keys(test).length !== 1) return false;
  const name = nameOf(test);
  const made = test[name];
  return !["and", "or", "not"].includes(name) && (!name.startsWith("$") || name.startsWith("$."))
    && typeof made === "object" && made !== null && Object.keys(made).join() === "eq";
}

function writeFilter(chosen, rest) {
  const tests = [...Object.entries(chosen).map(([name, value]) => ({[name]: {eq: value}})), ...rest];
  return tests.length ? writeExact({and: tests}) : "";
}

export function Filters({collection, filter, onChange}) {
  const {fields, documents, whole} = useFields(collection);
  const {chosen, rest, problem} = filter;
  const choose = (name, value) => {
    const {[name]: _, ...others} = chosen;
    onChange(writeFilter(value === undefined ? others : {...others, [name]: value}, rest));
  };
  const tokens = [
    ...Object.entries(chosen).map(([name, value]) => ({label: `${name}: ${value}`, drop: () => choose(name, undefined)})),
    ...rest.map((each) => ({label: labelOf(each), drop: () => onChange(writeFilter(chosen, rest.filter((one) => one !== each)))})),
    ...(problem ? [{label: "a filter that cannot be read", drop: () => onChange("")}] : []),
  ];
  return html`
    ${fields.length > 0 && html`
      <details class="filters">
        <summary><${Icon} name="sort" /> Filters</summary>
        <div class="fields">
          ${fields.map((field) => html`<${Choice} key=${field.name} field=${field} value=${chosen[field.name]} onChoose=${choose} />`)}
          ${!whole && html`<p class="quiet">Counted in the newest ${documents.toLocaleString()} documents.</p>`}
        </div>
      </details>`}
    ${tokens.length > 0 && html`
      <ul class="tokens" aria-label="Filters in use">
        ${tokens.map(({label, drop}) => html`
          <li key=${label}><button type="button" aria-label=${`Remove the filter ${label}`} onClick=${(event) => { leave(event); drop(); }}>
            <span>${label}</span><${Icon} name="close" /></button></li>`)}
      </ul>`}`;
}

/** The focus of a button that is about to go moves to what is always there. */
const leave = (event) => event.target.closest(".search").querySelector("input[type=search]").focus();

function Choice({field: {name, values}, value, onChoose}) {
  const isOffered = value === undefined || values.some((each) => each.value === value);
  const offered = isOffered ? values : [{value, count: null}, ...values];
  return html`
    <label><span>${name}</span>
      <select value=${value === undefined ? "" : JSON.stringify(value)}
        onChange=${(event) => onChoose(name, event.target.value === "" ? undefined : JSON.parse(event.target.value))}>
        <option value="">any</option>
        ${offered.map((each) => html`
          <option value=${JSON.stringify(each.value)}>${String(each.value)}${each.count === null ? "" : ` (${each.count.toLocaleString()})`}</option>`)}
      </select>
    </label>`;
}

const NO_FIELDS = {fields: [], documents: 0, whole: true};

/** The fields of a collection, asked for once the page has nothing better to do. */
function useFields(collection) {
  const [found, setFound] = useState(NO_FIELDS);
  const round = atWork.value;
  useEffect(() => {
    const abort = new AbortController();
    const load = () => ask("GET", inCollection(collection, "facets"), undefined, abort.signal).then(setFound, () => {});
    const timer = setTimeout(load, found === NO_FIELDS ? 50 : 1000);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [collection, round]);
  return found;
}

const labelOf = (test) => ("$area" in Object(test) ? "an area of the map" : writeExact(test).slice(0, 60));
