// Passages and pictures in one list, best first, and what is to be said about it.
import {follow} from "../lib/router.js";
import {LEADING, neighbour} from "./grid-navigation.js";
import {MissingPictures} from "./request.js";
import {many, number} from "../lib/format.js";
import {html, memo, useEffect, useLayoutEffect, useRef, useState} from "../lib/html.js";
import {keepPlace, placeOf} from "./scroll-position.js";
import {Hit} from "./hit.js";

export function Results({ranking, marks, pick, status, problem, start, ...context}) {
  const found = ranking.found.value;
  const shown = found.stretches.reduce((sum, hits) => sum + hits.length, 0);
  return html`
    <div class="summary" role="status" tabindex="-1" ref=${status}>${problem ? "" : html`<${Summary} found=${found} shown=${shown} />`}</div>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${!problem && found.state === "idle" && start}
    ${found.state === "failed" && html`<${Failed} problem=${found.problem} ranking=${ranking} ...${context} />`}
    ${found.state !== "failed" && found.answer && html`
      <div class=${found.state === "asking" ? "stale" : ""} aria-busy=${found.state === "asking"}>
        <${Remarks} answer=${found.answer} ...${context} />
        <${Grid} found=${found} shown=${shown} marks=${marks} pick=${pick} collection=${found.collection} />
        ${found.state === "answered" && html`<${End} found=${found} shown=${shown} ranking=${ranking} />`}
      </div>`}`;
}

/** What screen readers hear of, too. */
function Summary({found, shown}) {
  if (found.waiting) return html`<${Waiting} waiting=${found.waiting} key=${found.waiting} />`;
  if (found.state === "asking") return html`<span class="quiet">Searching…</span>`;
  if (found.state !== "answered") return null;
  const {answer} = found;
  if (!answer.total) return "Nothing found";
  return html`
    ${answer.no_good_match && html`<strong>Nothing fits well.</strong> `}
    <span class="quiet">${answer.truncated ? "The best " : ""}${many(answer.total, "result")}${shown < answer.total ? `, ${number(shown)} shown` : ""}</span>`;
}

function Waiting({waiting: {seconds, problem}}) {
  const [left, setLeft] = useState(Math.ceil(seconds));
  useEffect(() => {
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<span class="poor">${problem.status === 429 ? "The server is busy" : "The server is not ready"}: ${problem.message}.
    <span aria-hidden="true"> Asking again in ${left} s.</span></span>`;
}

function Failed({problem, ranking, onDropMissing, onWiden, isNarrowed}) {
  const isMissing = problem instanceof MissingPictures;
  return html`
    <div class="empty" role="alert">
      <p class="bad">${problem.message}</p>
      <p class="buttons">
        ${isMissing ? html`<button onClick=${onDropMissing}>Search without</button>` : html`<button onClick=${ranking.again}>Try again</button>`}
        ${!isMissing && isNarrowed && problem.status === 422 && html`<button onClick=${onWiden}>Remove the filters</button>`}
      </p>
    </div>`;
}

function Remarks({answer, isNarrowed, onWiden, collection}) {
  return html`
    ${answer.missing.map((gap) => html`<p class="poor">This is not the whole answer: space ${gap.space} took no part (${gap.reason}).</p>`)}
    ${answer.pending > 0 && html`<p class="remark">${many(answer.pending, "document")} ${answer.pending === 1 ? "is still coming in; it" : "are still coming in; they"} may not be found yet.</p>`}
    ${answer.warnings.map((warning) => html`<p class="poor">${warning}</p>`)}
    ${answer.total > 0 && answer.no_good_match && html`<p class="remark">What follows is only the nearest there is. Other words may do better${isNarrowed ? ", or fewer filters" : ""}.</p>`}
    ${answer.total === 0 && html`
      <div class="empty">
        ${isNarrowed
          ? html`<p>Nothing in “${collection?.name}” is of this kind.</p><button onClick=${onWiden}>Search everything</button>`
          : html`<p>There is nothing in “${collection?.name}” yet that could be found.</p><a class="button main" href=${`/add?c=${collection?.name}`} onClick=${follow}>Add something</a>`}
      </div>`}`;
}

function Grid({found, shown, marks, pick, collection}) {
  const list = useRef(null);
  usePlace(list, found, shown);
  const onKeyDown = (event) => {
    const links = [...list.current.querySelectorAll(".body")];
    const from = links.indexOf(event.target);
    if (from < 0 || !LEADING.has(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = neighbour(links, from, event.key) ?? (event.key === "ArrowUp" ? document.querySelector(".box input[type=search]") : null);
    next?.focus();
  };
  const onClick = (event) => {
    const opened = event.target.closest(".hit .body");
    if (opened) keepPlace({y: scrollY, shown, focus: opened.closest(".hit").id});
    follow(event);
  };
  return html`
    <ol class="grid" ref=${list} onClick=${onClick} onKeyDown=${onKeyDown}>
      ${found.stretches.map((hits, number) => html`<${Stretch} key=${number} hits=${hits} marks=${marks} pick=${pick} collection=${collection} />`)}
    </ol>`;
}

const Stretch = memo(({hits, ...context}) => hits.map((hit) => html`<${Hit} key=${hit.id} hit=${hit} ...${context} />`));

/** Go where one was in this list before, and from then on note where one is. */
function usePlace(list, found, shown) {
  const isThere = found.state === "answered";
  useLayoutEffect(() => {
    const place = placeOf();
    if (!isThere || !place) return;
    scrollTo(0, place.y ?? 0);
    if (place.focus && isNowhere(document.activeElement)) document.getElementById(place.focus)?.querySelector(".body").focus({preventScroll: true});
  }, [isThere]);
  useEffect(() => {
    if (!isThere) return undefined;
    let timer;
    const step = location.search;
    // A step may come before the list of the last one is gone: its place is not that of the new one.
    const keep = () => { if (location.search === step) keepPlace({y: scrollY, shown}); };
    const note = () => { clearTimeout(timer); timer = setTimeout(keep, 150); };
    keep();
    addEventListener("scroll", note, {passive: true});
    return () => { clearTimeout(timer); removeEventListener("scroll", note); };
  }, [isThere, shown]);
}

/** On nothing that a person chose: where the keyboard is put when a view comes. */
const isNowhere = (element) => element.matches("body, #main, #main h1");

const ENDS_AT_DEPTH = "The list ends here, the collection may hold more that fits: other words or a filter reach it.";

/** The end of the list asks for what follows when it comes near. */
function End({found, shown, ranking}) {
  const end = useRef(null);
  useEffect(() => {
    if (!found.hasMore || found.furtherProblem) return undefined;
    const seen = new IntersectionObserver((entries) => { if (entries.at(-1).isIntersecting) ranking.more(); }, {rootMargin: "800px"});
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [found.hasMore, found.furtherProblem, shown, ranking.more]);
  return html`
    <div ref=${end} class="further">
      ${found.furtherProblem && html`<p class="bad" role="alert">The list stops here: ${found.furtherProblem.message}</p>`}
      ${found.hasMore
        ? html`<button onClick=${ranking.more} aria-disabled=${found.isGoing}>${found.isGoing ? "Loading…" : found.furtherProblem ? "Try again" : "More"}</button>`
        : shown > 0 && html`<p class="quiet">${found.answer.truncated ? ENDS_AT_DEPTH : `That is all: ${many(shown, "result")}.`}</p>`}
    </div>`;
}
