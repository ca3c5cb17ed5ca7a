// The page: a frame around one view.
import {address, follow, go, pathOf} from "./lib/router.js";
import {locked} from "./lib/api.js";
import {useArrival} from "./lib/focus.js";
import "./state/page-title.js";
import {Safe} from "./lib/error-boundary.js";
import {collections, current, refreshCollections} from "./state/collections.js";
import {followCollection} from "./state/events.js";
import {html, render, useEffect} from "./lib/html.js";
import {Icon} from "./lib/icons.js";
import {readsOnly, refreshSession} from "./state/session.js";
import {Notices, say} from "./lib/notifications.js";
import {Away} from "./components/offline-banner.js";
import {ChooseTheme} from "./lib/theme.js";
import {Add} from "./views/add.js";
import {Collections} from "./views/collections.js";
import {Document} from "./views/document.js";
import {MapView} from "./views/map.js";
import {Search} from "./views/search.js";
import {resume} from "./upload/queue.js";
import {SignIn} from "./views/sign-in.js";
import {Sort} from "./views/sort.js";
import {ReadsOnly} from "./views/read-only.js";
import {Unknown} from "./views/not-found.js";
import {SignOut} from "./upload/sign-out.js";

const VIEWS = {search: Search, add: Add, collections: Collections, document: Document, map: MapView, sort: Sort};
const NAVIGATION = [["search", "Search"], ["add", "Add"], ["sort", "Sort"], ["map", "Map"], ["collections", "Collections"]];

const SHOWS_A_COLLECTION = new Set(["search", "add", "sort", "map", "collections"]);

function App() {
  useEffect(() => { load(); }, [locked.value]);
  useEffect(() => (current.value && !locked.value ? followCollection(current.value, load) : undefined), [current.value, locked.value]);
  const {view} = address.value;
  const View = viewOf(view);
  useArrival(view);
  if (locked.value) return html`<${SignIn} /><${Notices} />`;
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <${Header} view=${view} />
    <main id="main" tabindex="-1">
      <${Away} onBack=${load} />
      ${collections.value === null ? html`<p class="quiet" role="status">Loading…</p>` : html`<${Safe} key=${view}><${View} /><//>`}
    </main>
    <${Notices} />`;
}

function viewOf(name) {
  if (name === "add" && readsOnly.value) return ReadsOnly;
  return Object.hasOwn(VIEWS, name) ? VIEWS[name] : Unknown;
}

async function load() {
  if (locked.value) return;
  try {
    await refreshSession();
    if (locked.value) return;
    await refreshCollections();
    await resume();
  } catch (problem) {
    if (locked.value || !problem.status) return;  // the sign-in or the banner says it
    say(problem.message, {again: load});
  }
}

function Header({view}) {
  return html`
    <header class="top" onClick=${follow}>
      <a class="brand" href="/" aria-label="samespace"><img src="/page/icon.svg" alt="" width="28" height="28" /><span>samespace</span></a>
      <nav aria-label="Views">
        ${NAVIGATION.map(([name, label]) => html`
          <a class=${name === "add" ? "needs-write" : null} href=${pathOf(name, {c: current.value})} aria-current=${view === name ? "page" : null}>
            <${Icon} name=${name} /><span>${label}</span>
          </a>`)}
      </nav>
      <${ChooseCollection} view=${view} />
      <${ChooseTheme} />
      <${SignOut} />
    </header>`;
}

function ChooseCollection({view}) {
  const names = (collections.value ?? []).map((each) => each.name);
  if (!names.length) return null;
  return html`
    <label class="choose">
      <span class="hidden">Collection</span>
      <select value=${current.value} onChange=${(event) => go(SHOWS_A_COLLECTION.has(view) ? view : "search", {c: event.target.value})}>
        ${names.map((name) => html`<option value=${name}>${name}</option>`)}
      </select>
    </label>`;
}

const place = document.getElementById("app");
place.replaceChildren();
document.documentElement.dataset.started = "";
render(html`<${App} />`, place);
