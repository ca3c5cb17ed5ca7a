// The router: the view and its parameters are in the address, so that links and the back button work.
import {signal} from "./html.js";

export const route = signal(parseLocation());

function parseLocation() {
  const view = location.pathname.split("/")[1] || "search";
  return {view, params: new URLSearchParams(location.search)};
}

/** The path of a view with query parameters; empty ones are left out. */
export function pathTo(view, params = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const each of [value].flat()) {
      if (each !== undefined && each !== null && each !== "") search.append(name, each);
    }
  }
  const query = search.toString();
  return (view === "search" ? "/" : `/${view}`) + (query ? `?${query}` : "");
}

/** Navigate to a view; `replace` adds no history entry. */
export function navigate(view, params = {}, {replace = false} = {}) {
  const path = pathTo(view, params);
  if (path === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", path);
  route.value = parseLocation();
}

/** Client-side navigation for links of this page; modified clicks and foreign links are left to the browser. */
export function handleLinkClick(event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname.startsWith("/v1/") || url.pathname === "/docs") return;
  event.preventDefault();
  history.pushState(null, "", url.pathname + url.search);
  route.value = parseLocation();
  scrollTo(0, 0);
}

addEventListener("popstate", () => { route.value = parseLocation(); });
