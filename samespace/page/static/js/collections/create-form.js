// A new collection: its name, and the model it is embedded with, of those that this server has.
import {ask} from "../lib/api.js";
import {refreshCollections} from "../state/collections.js";
import {html, useEffect, useState} from "../lib/html.js";
import {say} from "../lib/notifications.js";

export function Create() {
  const [presets, setPresets] = useState([]);
  const [chosen, setChosen] = useState("");
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    ask("GET", "/v1/models").then((found) => {
      setPresets(found.presets);
      setChosen(found.presets.find((each) => each.is_default)?.name ?? "");
    }, () => {});
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const name = new FormData(form).get("name");
    setBusy(true);
    try {
      await ask("POST", "/v1/collections", {name, ...(chosen ? {preset: chosen} : {})});
      form.reset();
      await refreshCollections();
    } catch (problem) {
      say(problem.message);
    }
    setBusy(false);
  };
  return html`
    <form class="row create needs-write needs-all" onSubmit=${submit}>
      <label>Name
        <input name="name" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" autocomplete="off"
          title="Letters without accents, digits, . _ and -, the first a letter or digit" aria-describedby="name-rules" /></label>
      ${presets.length > 0 && html`
        <label>Model
          <select value=${chosen} onChange=${(event) => setChosen(event.target.value)} aria-describedby="about-model">
            ${presets.map((each) => html`<option key=${each.name} value=${each.name}>${each.name}${each.is_here ? "" : " (to be fetched)"}</option>`)}
          </select></label>`}
      <button class="main" disabled=${isBusy}>${isBusy ? "Creating…" : "Create"}</button>
      <p id="name-rules" class="quiet">A name has up to 64 letters, digits, dots, _ and -, and begins with a letter or digit.</p>
      <${About} preset=${presets.find((each) => each.name === chosen)} />
    </form>`;
}

function About({preset}) {
  if (!preset) return null;
  return html`<p id="about-model" class="quiet">${preset.about}${preset.is_here ? "" : " Its weights are not on this server: they are fetched from a model hub first, which takes a while, if one can be reached."}</p>`;
}
