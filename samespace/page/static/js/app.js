// The page: a frame around one view.
import {address, follow, go, pathOf} from "./address.js";
import {locked} from "./api.js";
import {collections, current, refreshCollections} from "./collections.js";
import {html, render, signal, useEffect} from "./html.js";
import {Icon} from "./icons.js";
import {Notices, say} from "./notices.js";
import {Add} from "./views/add.js";
import {Collections} from "./views/collections.js";
import {Document} from "./views/document.js";
import {MapView} from "./views/map.js";
import {Search} from "./views/search.js";
import {SignIn} from "./views/signin.js";
import {Sort} from "./views/sort.js";

const VIEWS = {search: Search, add: Add, collections: Collections, document: Document, map: MapView, sort: Sort};
const NAVIGATION = [["search", "Search"], ["add", "Add"], ["sort", "Sort"], ["map", "Map"], ["collections", "Collections"]];

const theme = signal(localStorage.getItem("theme") ?? "auto");
theme.subscribe((value) => {
  document.documentElement.dataset.theme = value;
  localStorage.setItem("theme", value);
});

function App() {
  useEffect(() => { load(); }, [locked.value]);
  const {view} = address.value;
  const View = VIEWS[view] ?? Search;
  if (locked.value) return html`<${SignIn} /><${Notices} />`;
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <${Header} view=${view} />
    <main id="main" tabindex="-1">
      ${collections.value === null ? html`<p class="quiet" role="status">Loading…</p>` : html`<${View} />`}
    </main>
    <${Notices} />`;
}

async function load() {
  if (locked.value) return;
  try {
    await refreshCollections();
  } catch (problem) {
    say(problem.message, {again: load});
  }
}

function Header({view}) {
  return html`
    <header class="top" onClick=${follow}>
      <a class="brand" href="/"><img src="/page/icon.svg" alt="" width="28" height="28" /><span>samespace</span></a>
      <nav aria-label="Views">
        ${NAVIGATION.map(([name, label]) => html`
          <a href=${pathOf(name, {c: current.value})} aria-current=${view === name ? "page" : null}>
            <${Icon} name=${name} /><span>${label}</span>
          </a>`)}
      </nav>
      <${ChooseCollection} view=${view} />
      <${ChooseTheme} />
    </header>`;
}

function ChooseCollection({view}) {
  const names = (collections.value ?? []).map((each) => each.name);
  if (!names.length) return null;
  return html`
    <label class="choose">
      <span class="hidden">Collection</span>
      <select value=${current.value} onChange=${(event) => go(view === "document" ? "search" : view, {c: event.target.value})}>
        ${names.map((name) => html`<option value=${name}>${name}</option>`)}
      </select>
    </label>`;
}

const NEXT = {auto: "light", light: "dark", dark: "auto"};

function ChooseTheme() {
  const title = `Colours: ${theme.value}`;
  return html`
    <button class="icon" title=${title} aria-label=${title} onClick=${() => { theme.value = NEXT[theme.value]; }}>
      <${Icon} name=${`theme-${theme.value}`} />
    </button>`;
}

render(html`<${App} />`, document.getElementById("app"));
