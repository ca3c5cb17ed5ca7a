// The title of the document.
import {effect, signal} from "../lib/html.js";
import {route} from "../lib/router.js";
import {currentCollection} from "./collections.js";

const VIEW_TITLES = new Map(Object.entries({
  search: "Search", add: "Add", sort: "Sort", map: "Map", compare: "Compare", collections: "Collections", document: "Document",
}));

/** What a view shows in particular, such as the name of a document; set and reset by the view. */
export const pageSubject = signal("");

effect(() => {
  const {view, params} = route.value;
  const subject = view === "search" ? params.get("q") : pageSubject.value;
  const collection = view === "collections" ? null : currentCollection.value;
  document.title = [subject, VIEW_TITLES.get(view) ?? "Not found", collection, "samespace"].filter(Boolean).join(" · ");
});
