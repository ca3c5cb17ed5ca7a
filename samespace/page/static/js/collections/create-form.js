// The form for a new collection: its name and its model.
import {request} from "../lib/api.js";
import {html, useState} from "../lib/html.js";
import {orNotify} from "../lib/notifications.js";
import {refreshCollections} from "../state/collections.js";
import {choices, ModelDescription, ModelOptions, useModels} from "./models.js";

export function CreateForm() {
  const [chosen, setChosen] = useState(null);
  const [isBusy, setBusy] = useState(false);
  useModels();
  const preset = chosen ?? choices.value.find((each) => each.is_default)?.name ?? "";
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const name = new FormData(form).get("name");
    setBusy(true);
    await orNotify(async () => {
      await request("POST", "/v1/collections", {name, ...(preset ? {preset} : {})});
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
      ${choices.value.length > 0 && html`
        <label>Model
          <select value=${preset} onChange=${(event) => setChosen(event.target.value)} aria-describedby="about-model"><${ModelOptions} /></select></label>`}
      <button class="main" disabled=${isBusy}>${isBusy ? "Creating…" : "Create"}</button>
      <p id="name-rules" class="quiet">A name has up to 64 letters, digits, dots, _ and -, and begins with a letter or digit.</p>
      <${ModelDescription} name=${preset} />
    </form>`;
}
