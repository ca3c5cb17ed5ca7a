// The list of collections, and the current one.
import {request} from "../lib/api.js";
import {computed, signal} from "../lib/html.js";
import {getItem, setItem} from "../lib/local-storage.js";
import {route} from "../lib/router.js";

/** The states of documents that are shown; those being deleted are not. */
export const DOCUMENT_STATES = ["queued", "processing", "ready", "failed", "cancelled"];

export const collections = signal(null);

/** The name of the current collection: that of the address, else that of the last visit, else the first. */
export const currentCollection = computed(() => {
  const names = (collections.value ?? []).map((each) => each.name);
  const wanted = route.value.params.get("c") ?? getItem("collection");
  return names.includes(wanted) ? wanted : names[0] ?? null;
});

currentCollection.subscribe((name) => { if (name) setItem("collection", name); });

/** Whether the current collection has indexes beside those that are searched, to be compared with. */
export const hasIndexBeside = computed(() => Boolean(collections.value?.find((each) => each.name === currentCollection.value)?.beside));

/** Fetch the list again. */
export async function refreshCollections() {
  collections.value = (await request("GET", "/v1/collections")).collections;
}
