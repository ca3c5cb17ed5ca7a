// The form for a new collection: its name and its model.
import {request} from "../lib/api.js";
import {html, useEffect, useState} from "../lib/html.js";
import {orNotify} from "../lib/notifications.js";
import {refreshCollections} from "../state/collections.js";

export function CreateForm() {
  const [presets, setPresets] = useState([]);
  const [presetName, setPresetName] = useState("");
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    request("GET", "/v1/models").then((response) => {
      const presetNames = response.presets.map((each) => each.name);
      const added = response.models.filter((each) => each.origin !== "shipped" && !presetNames.includes(each.name));
      setPresets([...response.presets, ...added]);
      setPresetName(response.presets.find((each) => each.is_default)?.name ?? "");
    }, () => {});
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const name = new FormData(form).get("name");
    setBusy(true);
    await orNotify(async () => {
      await request("POST", "/v1/collections", {name, ...(presetName ? {preset: presetName} : {})});
      form.reset();
      await refreshCollections();
    });
    setBusy(false);
  };
  return html`
    <form class="row create needs-write needs-all" onSubmit=${submit}>
      <label>Name
        <input name="name" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" autocomplete="off"
          title="Letters without accents, digits, . _ and -, the first a letter or digit" aria-describedby="name-rules" /></label>
      ${presets.length > 0 && html`
        <label>Model
          <select value=${presetName} onChange=${(event) => setPresetName(event.target.value)} aria-describedby="about-model">
            ${presets.map((each) => html`<option key=${each.name} value=${each.name}>${each.name}${each.is_here ? "" : " (not downloaded)"}</option>`)}
          </select></label>`}
      <button class="main" disabled=${isBusy}>${isBusy ? "Creating…" : "Create"}</button>
      <p id="name-rules" class="quiet">A name has up to 64 letters, digits, dots, _ and -, and begins with a letter or digit.</p>
      <${PresetDescription} preset=${presets.find((each) => each.name === presetName)} />
    </form>`;
}

function PresetDescription({preset}) {
  if (!preset) return null;
  return html`<p id="about-model" class="quiet">${preset.about}${preset.is_here ? "" : " Its weights are not on this server yet: they are downloaded from a model hub first, which takes a while."}</p>`;
}
