// The entry point: header, notifications, and the view of the current route.
import {OfflineBanner} from "./components/offline-banner.js";
import {signInRequired} from "./lib/api.js";
import {ErrorBoundary} from "./lib/error-boundary.js";
import {useFocusOnNavigation} from "./lib/focus.js";
import {html, render, useEffect} from "./lib/html.js";
import {Icon} from "./lib/icons.js";
import {Notifications, notify} from "./lib/notifications.js";
import {handleLinkClick, navigate, pathTo, route} from "./lib/router.js";
import {ThemeButton} from "./lib/theme.js";
import {collections, currentCollection, hasIndexBeside, refreshCollections} from "./state/collections.js";
import {subscribe} from "./state/events.js";
import "./state/page-title.js";
import {isReadOnly, refreshSession} from "./state/session.js";
import {loadLimits} from "./upload/limits.js";
import {resumeUploads} from "./upload/queue.js";
import {SignOutButton} from "./upload/sign-out.js";
import {Add} from "./views/add.js";
import {Collections} from "./views/collections.js";
import {Compare} from "./views/compare.js";
import {Document} from "./views/document.js";
import {MapView} from "./views/map.js";
import {NotFound} from "./views/not-found.js";
import {ReadOnly} from "./views/read-only.js";
import {Search} from "./views/search.js";
import {SignIn} from "./views/sign-in.js";
import {Sort} from "./views/sort.js";

const VIEWS = {search: Search, add: Add, collections: Collections, compare: Compare, document: Document, map: MapView, sort: Sort};
const NAVIGATION = [["search", "Search"], ["add", "Add"], ["sort", "Sort"], ["map", "Map"], ["compare", "Compare"], ["collections", "Collections"]];

/** Views that stay where they are when another collection is chosen. */
const COLLECTION_VIEWS = new Set(["search", "add", "sort", "map", "compare", "collections"]);

/** Views that need the scope `write`. */
const WRITING_VIEWS = new Set(["add", "compare"]);

function App() {
  useEffect(() => { load(); }, [signInRequired.value]);
  useEffect(() => (currentCollection.value && !signInRequired.value ? subscribe(currentCollection.value, load) : undefined), [currentCollection.value, signInRequired.value]);
  const {view} = route.value;
  const View = viewOf(view);
  useFocusOnNavigation(view);
  if (signInRequired.value) return html`<${SignIn} /><${Notifications} />`;
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <${Header} view=${view} />
    <main id="main" tabindex="-1">
      <${OfflineBanner} onBack=${load} />
      ${collections.value === null ? html`<p class="quiet" role="status">Loading…</p>` : html`<${ErrorBoundary} key=${view}><${View} /><//>`}
    </main>
    <${Notifications} />`;
}

function viewOf(name) {
  if (WRITING_VIEWS.has(name) && isReadOnly.value) return ReadOnly;
  return Object.hasOwn(VIEWS, name) ? VIEWS[name] : NotFound;
}

async function load() {
  if (signInRequired.value) return;
  try {
    await refreshSession();
    if (signInRequired.value) return;
    await loadLimits();
    await refreshCollections();
    await resumeUploads();
  } catch (problem) {
    if (signInRequired.value || !problem.status) return;  // the sign-in or the offline banner shows it
    notify(problem.message, {retry: load});
  }
}

function Header({view}) {
  return html`
    <header class="top" onClick=${handleLinkClick}>
      <a class="brand" href="/" aria-label="samespace"><img src="/page/icon.svg" alt="" width="28" height="28" /><span>samespace</span></a>
      <nav aria-label="Views">
        ${NAVIGATION.filter(([name]) => name !== "compare" || view === name || hasIndexBeside.value).map(([name, label]) => html`
          <a class=${WRITING_VIEWS.has(name) ? "needs-write" : null} href=${pathTo(name, {c: currentCollection.value})} aria-current=${view === name ? "page" : null}>
            <${Icon} name=${name} /><span>${label}</span>
          </a>`)}
      </nav>
      <${CollectionSelect} view=${view} />
      <${ThemeButton} />
      <${SignOutButton} />
    </header>`;
}

function CollectionSelect({view}) {
  const names = (collections.value ?? []).map((each) => each.name);
  if (!names.length) return null;
  return html`
    <label class="choose">
      <span class="hidden">Collection</span>
      <select value=${currentCollection.value} onChange=${(event) => navigate(COLLECTION_VIEWS.has(view) ? view : "search", {c: event.target.value})}>
        ${names.map((name) => html`<option value=${name}>${name}</option>`)}
      </select>
    </label>`;
}

const root = document.getElementById("app");
root.replaceChildren();
document.documentElement.dataset.started = "";
render(html`<${App} />`, root);
