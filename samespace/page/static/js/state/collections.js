// The collections there are, and the one that is looked at.
import {ask} from "../lib/api.js";
import {address} from "../lib/router.js";
import {computed, signal} from "../lib/html.js";
import {remember, remembered} from "../lib/local-storage.js";

export const collections = signal(null);

/** The name of the collection that is looked at: that of the address, else the last one, else the first. */
export const current = computed(() => {
  const names = (collections.value ?? []).map((each) => each.name);
  const wanted = address.value.params.get("c") ?? remembered("collection");
  return names.includes(wanted) ? wanted : names[0] ?? null;
});

current.subscribe((name) => { if (name) remember("collection", name); });

/** Ask again which there are. */
export async function refreshCollections() {
  collections.value = (await ask("GET", "/v1/collections")).collections;
}
