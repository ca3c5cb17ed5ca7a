// What a change of the view means beyond its content: the title of the window, and where the keyboard goes on.
import {address} from "./address.js";
import {current} from "./collections.js";
import {effect, signal, useEffect, useRef} from "./html.js";

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

/** After a step to another view the keyboard and the screen reader go on at its heading, unless the view chose a place. */
export function useArrival(view) {
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return undefined;
    before.current = view;
    const main = document.getElementById("main");
    if (main.contains(document.activeElement) && document.activeElement !== main) return undefined;
    if (focusHeading(main)) return undefined;
    // A view that loads first has its heading later.
    const late = new MutationObserver(() => {
      if (document.activeElement !== main || focusHeading(main)) late.disconnect();
    });
    late.observe(main, {childList: true, subtree: true});
    return () => late.disconnect();
  }, [view]);
}

function focusHeading(main) {
  const heading = main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  (heading ?? main).focus({preventScroll: true});
  return Boolean(heading);
}
