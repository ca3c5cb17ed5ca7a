// Filters by the metadata of the collection (facets), with counts.
import {collectionPath, request} from "../lib/api.js";
import {computed, html, useEffect, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {parseJson, stringifyJson} from "../lib/json.js";
import {jobs} from "../state/events.js";

/** Facets are fetched again when jobs start or finish. */
const unfinishedJobs = computed(() => jobs.value.length);

/** The filter of the address: `chosen` values by field, `others` the tests of any other form, `json` all of it, or `problem`. */
export function parseFilter(text) {
  if (!text) return {chosen: {}, others: [], json: null, problem: ""};
  try {
    const json = parseJson(text);
    const all = Array.isArray(json?.and) && Object.keys(json).length === 1 ? json.and : [json];
    const chosen = Object.fromEntries(all.filter(isEqualityTest).map((each) => [fieldOf(each), each[fieldOf(each)].eq]));
    return {chosen, others: all.filter((each) => !isEqualityTest(each)), json, problem: ""};
  } catch {
    return {chosen: {}, others: [], json: null, problem: "The filter in the address is not JSON."};
  }
}

const fieldOf = (test) => Object.keys(test)[0];

/** Whether it is of the form `{"year": {"eq": 1999}}`. */
function isEqualityTest(test) {
  if (typeof test !== "object" || test === null || Object.keys(test).length !== 1) return false;
  const name = fieldOf(test);
  const operator = test[name];
  return !["and", "or", "not"].includes(name) && (!name.startsWith("$") || name.startsWith("$."))
    && typeof operator === "object" && operator !== null && Object.keys(operator).join() === "eq";
}

function serializeFilter(chosen, otherTests) {
  const tests = [...Object.entries(chosen).map(([name, value]) => ({[name]: {eq: value}})), ...otherTests];
  return tests.length ? stringifyJson({and: tests}) : "";
}

export function Filters({collection, filter, onChange}) {
  const {fields, documents, whole: isComplete} = useFields(collection);
  const {chosen, others: otherTests, problem} = filter;
  const selectValue = (name, value) => {
    const {[name]: _, ...remaining} = chosen;
    onChange(serializeFilter(value === undefined ? remaining : {...remaining, [name]: value}, otherTests));
  };
  const tokens = [
    ...Object.entries(chosen).map(([name, value]) => ({label: `${name}: ${value}`, remove: () => selectValue(name, undefined)})),
    ...otherTests.map((each) => ({label: labelOf(each), remove: () => onChange(serializeFilter(chosen, otherTests.filter((one) => one !== each)))})),
    ...(problem ? [{label: "a filter that cannot be read", remove: () => onChange("")}] : []),
  ];
  return html`
    ${fields.length > 0 && html`
      <details class="filters">
        <summary><${Icon} name="sort" /> Filters</summary>
        <div class="fields">
          ${fields.map((field) => html`<${FieldSelect} key=${field.name} field=${field} value=${chosen[field.name]} onChoose=${selectValue} />`)}
          ${!isComplete && html`<p class="quiet">Counted in the newest ${documents.toLocaleString()} documents.</p>`}
        </div>
      </details>`}
    ${tokens.length > 0 && html`
      <ul class="tokens" aria-label="Filters in use">
        ${tokens.map(({label, remove}) => html`
          <li key=${label}><button type="button" aria-label=${`Remove the filter ${label}`} onClick=${(event) => { focusSearchBox(event); remove(); }}>
            <span>${label}</span><${Icon} name="close" /></button></li>`)}
      </ul>`}`;
}

/** Before a focused button is removed, the focus moves to the search box. */
const focusSearchBox = (event) => event.target.closest(".search").querySelector("input[type=search]").focus();

function FieldSelect({field: {name, values}, value, onChoose}) {
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

/** The facets of a collection, fetched with a delay so that the search comes first. */
function useFields(collection) {
  const [facets, setFacets] = useState(NO_FIELDS);
  const jobCount = unfinishedJobs.value;
  useEffect(() => {
    const abort = new AbortController();
    const load = () => request("GET", collectionPath(collection, "facets"), undefined, abort.signal).then(setFacets, () => {});
    const timer = setTimeout(load, facets === NO_FIELDS ? 50 : 1000);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [collection, jobCount]);
  return facets;
}

const labelOf = (test) => ("$area" in Object(test) ? "an area of the map" : stringifyJson(test).slice(0, 60));
