// Filters from the metadata that the collection really has, with counts.
import {ask, inCollection} from "../api.js";
import {html, useEffect, useState} from "../html.js";

export function Filters({collection, filter, onChange}) {
  const [fields, setFields] = useState([]);
  useEffect(() => {
    let gone = false;
    ask("GET", inCollection(collection, "facets")).then(
      (found) => { if (!gone) setFields(found.fields); },
      () => {},
    );
    return () => { gone = true; };
  }, [collection]);
  if (!fields.length) return null;
  const chosen = readFilter(filter);
  const choose = (name, value) => {
    const next = {...chosen};
    if (value === "") delete next[name];
    else next[name] = JSON.parse(value);
    onChange(writeFilter(next));
  };
  return html`
    <div class="filters">
      ${fields.map(({name, values}) => html`
        <label key=${name}><span>${name}</span>
          <select value=${name in chosen ? JSON.stringify(chosen[name]) : ""} onChange=${(event) => choose(name, event.target.value)}>
            <option value="">any</option>
            ${values.map(({value, count}) => html`<option value=${JSON.stringify(value)}>${String(value)} (${count})</option>`)}
          </select>
        </label>`)}
    </div>`;
}

/** `{"and": [{"year": {"eq": 1999}}]}` as `{year: 1999}`; what was not made here is left alone. */
function readFilter(text) {
  if (!text) return {};
  try {
    return Object.fromEntries((JSON.parse(text).and ?? []).flatMap((each) => Object.entries(each).map(([name, test]) => [name, test.eq])));
  } catch {
    return {};
  }
}

const writeFilter = (chosen) => {
  const tests = Object.entries(chosen).map(([name, value]) => ({[name]: {eq: value}}));
  return tests.length ? JSON.stringify({and: tests}) : "";
};
