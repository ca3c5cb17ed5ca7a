// Saved label sets: load, save, overwrite, delete.
import {collectionPath, request} from "../lib/api.js";
import {html, useEffect, useState} from "../lib/html.js";
import {notify, orNotify} from "../lib/notifications.js";
import {toLabelSet} from "./labels.js";

/** [sets, refresh]: the saved label sets of a collection, null while they load. */
export function useLabelSets(collection) {
  const [loaded, setLoaded] = useState({});
  const refresh = () => request("GET", collectionPath(collection, "labelsets")).then(
    ({labelsets}) => setLoaded({collection, sets: labelsets}),
    (problem) => { setLoaded({collection, sets: []}); notify(problem.message); });
  useEffect(() => { if (collection) refresh(); }, [collection]);
  return [loaded.collection === collection ? loaded.sets : null, refresh];
}

export function LabelSetForm({collection, draft, sets, onLoad, onSaved, refresh}) {
  const [name, setName] = useState("");
  const body = toLabelSet(draft);
  const isKnown = sets.some((each) => each.name === name.trim());
  useEffect(() => { if (draft.set) setName(draft.set); }, [draft.set]);
  const change = (method, set, payload) => orNotify(async () => {
    await request(method, collectionPath(collection, "labelsets", set), payload);
    await refresh();
    onSaved(method === "PUT" ? set : "");
  });
  const save = (event) => {
    event.preventDefault();
    change("PUT", name.trim(), body);
  };
  return html`
    <form class="row label-sets" onSubmit=${save}>
      ${sets.length > 0 && html`
        <label>Saved label sets
          <select value=${draft.set} onChange=${(event) => onLoad(event.target.value)}>
            <option value="">choose…</option>
            ${sets.map((each) => html`<option key=${each.name} value=${each.name}>${each.name}</option>`)}
          </select></label>`}
      ${draft.set && html`<button type="button" class="needs-write" onClick=${() => change("DELETE", draft.set)}>Delete ${draft.set}</button>`}
      <label class="needs-write">Save these as
        <input name="name" required maxlength="100" pattern="[^\\/]+" title="Up to 100 characters, none of them a slash" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="off" /></label>
      <button class="needs-write" disabled=${body.labels.length < 2 || !name.trim() || draft.set === name.trim()}>${isKnown ? "Overwrite" : "Save"}</button>
    </form>`;
}
