// What is shown is in the address: it can be shared, and the back button works.
import {signal} from "./html.js";

export const address = signal(read());

function read() {
  const view = location.pathname.split("/")[1] || "search";
  return {view, params: new URLSearchParams(location.search)};
}

/** The path of a view with parameters; those that are empty are left out. */
export function pathOf(view, params = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const each of [value].flat()) {
      if (each !== undefined && each !== null && each !== "") search.append(name, each);
    }
  }
  const query = search.toString();
  return (view === "search" ? "/" : `/${view}`) + (query ? `?${query}` : "");
}

/** Show a view; `replace` leaves no step for the back button. */
export function go(view, params = {}, {replace = false} = {}) {
  const path = pathOf(view, params);
  if (path === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", path);
  address.value = read();
}

/** Follow a link of this page without loading it anew; modified clicks are the browser's. */
export function follow(event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname.startsWith("/v1/") || url.pathname === "/docs") return;
  event.preventDefault();
  history.pushState(null, "", url.pathname + url.search);
  address.value = read();
  scrollTo(0, 0);
}

addEventListener("popstate", () => { address.value = read(); });
