// The title of the window.
import {address} from "../lib/router.js";
import {current} from "./collections.js";
import {effect, signal} from "../lib/html.js";

const NAMES = new Map(Object.entries({
  search: "Search", add: "Add", sort: "Sort", map: "Map", collections: "Collections", document: "Document",
}));

/** What a view shows in particular, such as the name of a document; the view says so and takes it back. */
export const subject = signal("");

effect(() => {
  const {view, params} = address.value;
  const about = view === "search" ? params.get("q") : subject.value;
  const place = view === "collections" ? null : current.value;
  document.title = [about, NAMES.get(view) ?? "Not found", place, "samespace"].filter(Boolean).join(" · ");
});
