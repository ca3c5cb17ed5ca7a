// All models of the installation: what each makes, where it is from, who uses it; added ones can be removed.
import {ConfirmButton} from "../components/confirm.js";
import {request} from "../lib/api.js";
import {formatBytes, formatDateTime} from "../lib/format.js";
import {html, useEffect, useState} from "../lib/html.js";
import {notify, orNotify} from "../lib/notifications.js";
import {handleLinkClick, pathTo} from "../lib/router.js";
import {currentCollection} from "../state/collections.js";
import {pageSubject} from "../state/page-title.js";
import {models, outdated, refreshModels, useModels} from "./models.js";

const ORIGINS = {
  shipped: "a preset of this release", preset: "a preset", hub: "a model hub", folder: "a folder", trained: "trained here", kept: "an earlier release",
};

export function ModelList() {
  useModels();
  useEffect(() => {
    pageSubject.value = "Models";
    return () => { pageSubject.value = ""; };
  }, []);
  return html`
    <section class="collections" onClick=${handleLinkClick}>
      <p><a href=${pathTo("collections", {c: currentCollection.value})}>All collections</a></p>
      <h1>Models</h1>
      <${AddForm} />
      ${models.value
        ? html`<ul class="cards">${models.value.map((each) => html`<${ModelCard} key=${each.name} model=${each} />`)}</ul>`
        : html`<p class="quiet" role="status" aria-busy="true">Loading…</p>`}
    </section>`;
}

function ModelCard({model}) {
  const {name, about, origin, is_default: isDefault, used_by: users} = model;
  const better = origin === "kept" ? users.filter((each) => outdated.value.has(each)) : [];
  const remove = () => orNotify(async () => {
    await request("DELETE", `/v1/models/${encodeURIComponent(name)}`);
    await refreshModels();
  });
  return html`
    <li class="card">
      <h2>${name}</h2>
      ${isDefault && html`<p class="states"><span class="state ready">for new collections</span></p>`}
      <p>${about}</p>
      <${Figures} model=${model} />
      ${better.map((each) => html`
        <p class="remark" key=${each}>A better starter is here: <a href=${pathTo("collections", {c: each, model: 1, to: "starter"})}>change ${each} to it</a>.</p>`)}
      ${origin !== "shipped" && html`
        <div class="buttons needs-all"><${ConfirmButton} label="Remove" confirmLabel="Really remove" subject=${name} onConfirm=${remove} /></div>`}
    </li>`;
}

function Figures({model}) {
  const {origin, source, card, licence, bytes, spaces, is_here: isHere, used_by: users, created_at: createdAt} = model;
  return html`
    <dl>
      <dt>Makes</dt><dd>${spaces.map((space) => `${space.modalities.join(" and ")}: ${space.dim} dimensions`).join("; ")}</dd>
      <dt>From</dt><dd>${ORIGINS[origin] ?? origin}${source && `: ${source}`}${card?.parent && `, made from ${card.parent}`}</dd>
      ${licence && html`<dt>Licence</dt><dd>${licence}</dd>`}
      ${bytes !== null && html`<dt>Size</dt><dd>${formatBytes(bytes)}</dd>`}
      ${!isHere && html`<dt>Weights</dt><dd>not downloaded yet</dd>`}
      ${createdAt && html`<dt>Added</dt><dd>${formatDateTime(createdAt)}</dd>`}
      <dt>Used by</dt><dd>${users.length ? users.map((each, at) => html`${at > 0 && ", "}<a href=${pathTo("collections", {c: each, model: 1})}>${each}</a>`) : "no collection"}</dd>
    </dl>`;
}

function AddForm() {
  const [{isBusy, problem}, setState] = useState({isBusy: false});
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const filled = [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
    setState({isBusy: true});
    try {
      const {name, left_out: leftOut} = await request("POST", "/v1/models", Object.fromEntries(filled));
      form.reset();
      setState({isBusy: false});
      notify(`${name} is added${leftOut.length ? `; not part of it: ${leftOut.join(", ")}` : ""}.`, {kind: "success"});
      await refreshModels().catch(() => {});
    } catch (error) {
      setState({isBusy: false, problem: error.message});
    }
  };
  return html`
    <form class="row create needs-write needs-all" onSubmit=${submit}>
      <label class="wide">Folder or name on a hub
        <input name="source" required maxlength="4096" autocomplete="off" spellcheck=${false} placeholder="st:intfloat/e5-small-v2" aria-describedby="about-source" /></label>
      <label>Name
        <input name="name" maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" autocomplete="off" title="Letters without accents, digits, . _ and -, the first a letter or digit" /></label>
      <label>Licence
        <input name="licence" maxlength="200" autocomplete="off" /></label>
      <button class="main" disabled=${isBusy}>${isBusy ? "Trying it…" : "Add"}</button>
      <p id="about-source" class="quiet">The whole path of a folder on the machine of the server, or <code>st:NAME</code> or <code>open_clip:NAME</code> of a model hub. It is loaded and tried first, which takes a while. The licence is wanted where the model does not say one; <code>own</code> for what you trained.</p>
      ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    </form>`;
}
