// The list of results, best first, with its status, notes and keyboard navigation.
import {formatNumber, pluralize} from "../lib/format.js";
import {html, memo, useEffect, useLayoutEffect, useRef, useState} from "../lib/html.js";
import {handleLinkClick} from "../lib/router.js";
import {useListEnd} from "../lib/scroll.js";
import {NAVIGATION_KEYS, neighbour} from "./grid-navigation.js";
import {Hit} from "./hit.js";
import {MissingPictures} from "./request.js";
import {savedPosition, savePosition} from "./scroll-position.js";

export function Results({ranking, terms, actions, status, problem, start, ...context}) {
  const results = ranking.results.value;
  const shownCount = results.pages.reduce((sum, hits) => sum + hits.length, 0);
  return html`
    <div class="summary" role="status" tabindex="-1" ref=${status}>${problem ? "" : html`<${Summary} results=${results} shownCount=${shownCount} />`}</div>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${!problem && results.state === "idle" && start}
    ${results.state === "failed" && html`<${Failed} problem=${results.problem} ranking=${ranking} ...${context} />`}
    ${results.state !== "failed" && results.answer && html`
      <div class=${results.state === "loading" ? "stale" : ""} aria-busy=${results.state === "loading"}>
        <${Notes} answer=${results.answer} ...${context} />
        <${HitGrid} results=${results} shownCount=${shownCount} terms=${terms} actions=${actions} collection=${results.collection} />
        ${results.state === "loaded" && html`<${ListEnd} results=${results} shownCount=${shownCount} ranking=${ranking} />`}
      </div>`}`;
}

/** The status line, read out by screen readers. */
function Summary({results, shownCount}) {
  if (results.pendingRetry) return html`<${RetryNotice} ...${results.pendingRetry} key=${results.pendingRetry} />`;
  if (results.state === "loading") return html`<span class="quiet">Searching…</span>`;
  if (results.state !== "loaded") return null;
  const {answer} = results;
  if (!answer.total) return "Nothing found";
  return html`
    ${answer.no_good_match && html`<strong>Nothing fits well.</strong> `}
    <span class="quiet">${answer.truncated ? "The best " : ""}${pluralize(answer.total, "result")}${shownCount < answer.total ? `, ${formatNumber(shownCount)} shown` : ""}</span>`;
}

function RetryNotice({seconds, problem}) {
  const [left, setLeft] = useState(Math.ceil(seconds));
  useEffect(() => {
    const timer = setInterval(() => setLeft((previous) => Math.max(0, previous - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<span class="poor">${problem.status === 429 ? "The server is busy" : "The server is not ready"}: ${problem.message}.
    <span aria-hidden="true"> Trying again in ${left} s.</span></span>`;
}

function Failed({problem, ranking, onDropMissing, onWiden, isNarrowed}) {
  const isMissing = problem instanceof MissingPictures;
  return html`
    <div class="empty" role="alert">
      <p class="bad">${problem.message}</p>
      <p class="buttons">
        ${isMissing ? html`<button onClick=${onDropMissing}>Search without</button>` : html`<button onClick=${ranking.retry}>Try again</button>`}
        ${!isMissing && isNarrowed && problem.status === 422 && html`<button onClick=${onWiden}>Remove the filters</button>`}
      </p>
    </div>`;
}

function Notes({answer, isNarrowed, onWiden, collection}) {
  return html`
    ${answer.missing.map((missing) => html`<p class="poor">These results are incomplete: space ${missing.space} is missing (${missing.reason}).</p>`)}
    ${answer.pending > 0 && html`<p class="remark">${pluralize(answer.pending, "document")} ${answer.pending === 1 ? "is still being processed and" : "are still being processed and"} may not be found yet.</p>`}
    ${answer.warnings.map((warning) => html`<p class="poor">${warning}</p>`)}
    ${answer.total > 0 && answer.no_good_match && html`<p class="remark">These are only the closest matches. Try other words${isNarrowed ? ", or fewer filters" : ""}.</p>`}
    ${answer.total === 0 && html`
      <div class="empty">
        ${isNarrowed
          ? html`<p>Nothing in “${collection?.name}” matches these filters.</p><button onClick=${onWiden}>Search everything</button>`
          : html`<p>“${collection?.name}” contains nothing searchable yet.</p><a class="button main" href=${`/add?c=${collection?.name}`} onClick=${handleLinkClick}>Add something</a>`}
      </div>`}`;
}

function HitGrid({results, shownCount, terms, actions, collection}) {
  const list = useRef(null);
  useScrollRestoration(list, results, shownCount);
  const onKeyDown = (event) => {
    const links = [...list.current.querySelectorAll(".body")];
    const from = links.indexOf(event.target);
    if (from < 0 || !NAVIGATION_KEYS.has(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = neighbour(links, from, event.key) ?? (event.key === "ArrowUp" ? document.querySelector(".box input[type=search]") : null);
    next?.focus();
  };
  const onClick = (event) => {
    const link = event.target.closest(".hit .body");
    if (link) savePosition({y: scrollY, shownCount, focus: link.closest(".hit").id});
    handleLinkClick(event);
  };
  return html`
    <ol class="grid" ref=${list} onClick=${onClick} onKeyDown=${onKeyDown}>
      ${results.pages.map((hits, number) => html`<${HitPage} key=${number} hits=${hits} terms=${terms} actions=${actions} collection=${collection} />`)}
    </ol>`;
}

const HitPage = memo(({hits, ...context}) => hits.map((hit) => html`<${Hit} key=${hit.id} hit=${hit} ...${context} />`));

/** Restores the saved scroll position, and saves it from then on. */
function useScrollRestoration(list, results, shownCount) {
  const isLoaded = results.state === "loaded";
  useLayoutEffect(() => {
    const position = savedPosition();
    if (!isLoaded || !position) return;
    scrollTo(0, position.y ?? 0);
    if (position.focus && hasNoUserFocus(document.activeElement)) document.getElementById(position.focus)?.querySelector(".body").focus({preventScroll: true});
  }, [isLoaded]);
  useEffect(() => {
    if (!isLoaded) return undefined;
    let timer;
    const address = location.search;
    // The address may change before this list is unmounted: its position must not be saved for the next entry.
    const save = () => { if (location.search === address) savePosition({y: scrollY, shownCount}); };
    const saveSoon = () => { clearTimeout(timer); timer = setTimeout(save, 150); };
    save();
    addEventListener("scroll", saveSoon, {passive: true});
    return () => { clearTimeout(timer); removeEventListener("scroll", saveSoon); };
  }, [isLoaded, shownCount]);
}

/** Whether the focus is where a navigation puts it, not where a person does. */
const hasNoUserFocus = (element) => element.matches("body, #main, #main h1");

const DEPTH_LIMIT_NOTE = "The list ends here, but the collection may contain more matches: use other words or a filter to reach them.";

/** Infinite scrolling: the next page is loaded when the end of the list comes near. */
function ListEnd({results, shownCount, ranking}) {
  const listEnd = useListEnd(results.hasMore && !results.moreProblem, ranking.loadMore, [shownCount, ranking.loadMore]);
  return html`
    <div ref=${listEnd} class="further">
      ${results.moreProblem && html`<p class="bad" role="alert">The next results could not be loaded: ${results.moreProblem.message}</p>`}
      ${results.hasMore
        ? html`<button onClick=${ranking.loadMore} aria-disabled=${results.isLoadingMore}>${results.isLoadingMore ? "Loading…" : results.moreProblem ? "Try again" : "More"}</button>`
        : shownCount > 0 && html`<p class="quiet">${results.answer.truncated ? DEPTH_LIMIT_NOTE : `End of the list: ${pluralize(shownCount, "result")}.`}</p>`}
    </div>`;
}
