// Label sets under a name: loaded, kept, overwritten, forgotten.
import {ask, inCollection} from "../lib/api.js";
import {html, useEffect, useState} from "../lib/html.js";
import {labelSetOf} from "./labels.js";
import {say} from "../lib/notifications.js";

/** The kept sets of a collection, and a way to ask again. */
export function useSets(collection) {
  const [found, setFound] = useState({});
  const refresh = () => ask("GET", inCollection(collection, "labelsets")).then(
    ({labelsets}) => setFound({collection, sets: labelsets}),
    (problem) => { setFound({collection, sets: []}); say(problem.message); });
  useEffect(() => { if (collection) refresh(); }, [collection]);
  return [found.collection === collection ? found.sets : null, refresh];
}

export function Kept({collection, draft, sets, onLoad, onKept, refresh}) {
  const [name, setName] = useState("");
  const body = labelSetOf(draft);
  const isKnown = sets.some((each) => each.name === name.trim());
  useEffect(() => { if (draft.set) setName(draft.set); }, [draft.set]);
  const change = async (method, which, sent) => {
    try {
      await ask(method, inCollection(collection, "labelsets", which), sent);
      await refresh();
      onKept(method === "PUT" ? which : "");
    } catch (problem) {
      say(problem.message);
    }
  };
  const keep = (event) => {
    event.preventDefault();
    change("PUT", name.trim(), body);
  };
  return html`
    <form class="row kept" onSubmit=${keep}>
      ${sets.length > 0 && html`
        <label>Kept label sets
          <select value=${draft.set} onChange=${(event) => onLoad(event.target.value)}>
            <option value="">choose…</option>
            ${sets.map((each) => html`<option key=${each.name} value=${each.name}>${each.name}</option>`)}
          </select></label>`}
      ${draft.set && html`<button type="button" class="needs-write" onClick=${() => change("DELETE", draft.set)}>Forget ${draft.set}</button>`}
      <label class="needs-write">Keep these as
        <input name="name" required maxlength="100" pattern="[^\\/]+" title="Up to 100 characters, none of them a slash" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="off" /></label>
      <button class="needs-write" disabled=${body.labels.length < 2 || !name.trim() || draft.set === name.trim()}>${isKnown ? "Overwrite" : "Keep"}</button>
    </form>`;
}
