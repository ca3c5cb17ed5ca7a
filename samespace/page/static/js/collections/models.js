// The models that this installation knows: presets, and those that were added.
import {request} from "../lib/api.js";
import {computed, html, signal, useEffect} from "../lib/html.js";

/** {presets, models} as the API lists them; null until they are loaded. */
const listed = signal(null);

export const models = computed(() => listed.value?.models ?? null);

/** What one chooses from: presets in the order of the release, then those that were added. */
export const choices = computed(() => {
  if (!listed.value) return [];
  const {presets} = listed.value;
  const names = new Set(presets.map((each) => each.name));
  return [...presets, ...listed.value.models.filter((each) => each.origin !== "shipped" && !names.has(each.name))];
});

/** The names of collections that go on with the starter of an earlier release. */
export const outdated = computed(() => {
  const all = models.value ?? [];
  const current = all.find((each) => each.origin === "shipped" && each.name === "starter")?.used_by ?? [];
  return new Set(all.filter((each) => each.origin === "kept").flatMap((each) => each.used_by).filter((name) => !current.includes(name)));
});

/** Fetch the list again. */
export async function refreshModels() {
  listed.value = await request("GET", "/v1/models");
}

/** Fetch the list when a component is mounted; without it there is nothing to choose from. */
export const useModels = () => useEffect(() => { refreshModels().catch(() => {}); }, []);

/** The name of a model by its fingerprint, else what the index calls it. */
export const modelName = ({fingerprint, model}) => models.value?.find((each) => each.fingerprint === fingerprint)?.name ?? model;

export const ModelOptions = () => choices.value.map((each) => html`
  <option key=${each.name} value=${each.name}>${each.name}${each.is_here ? "" : " (not downloaded)"}</option>`);

export function ModelDescription({name}) {
  const model = choices.value.find((each) => each.name === name);
  if (!model) return null;
  return html`<p id="about-model" class="quiet">${model.about}${model.is_here ? "" : " Its weights are not on this server yet: they are downloaded from a model hub first, which takes a while."}</p>`;
}
