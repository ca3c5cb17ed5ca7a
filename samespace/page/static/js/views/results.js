// Passages and pictures in one list, best first, with how good they are and why.
import {follow, pathOf} from "../address.js";
import {current} from "../collections.js";
import {html, useEffect, useRef, useState} from "../html.js";
import {Icon} from "../icons.js";
import {marked} from "../marks.js";
import {item} from "../query.js";

const FULL_BAR = 6;  // a calibrated score that hardly any answer is above

export function Results({found, marks, onMore, onAlso}) {
  const {state, answer, hits, problem} = found;
  if (state === "idle") return html`<p class="quiet hint">Try words, “2:red car - text”, or drop a picture anywhere here.</p>`;
  if (state === "failed") return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!answer) return html`<p class="quiet" role="status">Searching…</p>`;
  return html`
    <div class=${state === "asking" ? "stale" : ""} aria-busy=${state === "asking"}>
      <${Summary} answer=${answer} />
      <ol class="grid" onClick=${follow}>
        ${hits.map((hit) => html`<${Hit} key=${hit.id} hit=${hit} marks=${marks} onMore=${onMore} onAlso=${onAlso} />`)}
      </ol>
      <${Further} found=${found} />
    </div>`;
}

function Summary({answer}) {
  const missing = answer.missing ?? (Array.isArray(answer.partial) ? answer.partial : []);
  const said = answer.total ? `${answer.total} found in ${Math.round(answer.took_ms.total)} ms` : "Nothing found";
  return html`
    <div class="summary" role="status">
      <span class="quiet">${said}</span>
      ${answer.no_good_match && answer.total > 0 && html`<p class="poor"><strong>Nothing fits well.</strong> These are only the nearest.</p>`}
      ${missing.map((gap) => html`<p class="poor">Space ${gap.space} did not answer: ${gap.reason}</p>`)}
      ${answer.warnings.map((warning) => html`<p class="poor">${warning}</p>`)}
    </div>`;
}

/** The end of the list asks for what follows when it comes near. */
function Further({found}) {
  const end = useRef(null);
  const more = useRef(found.more);
  more.current = found.more;
  const cursor = found.answer.cursor;
  useEffect(() => {
    if (!cursor) return undefined;
    const seen = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) more.current(); }, {rootMargin: "600px"});
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [cursor]);
  return html`<div ref=${end} class="further">${cursor && html`<button onClick=${() => found.more()}>More</button>`}</div>`;
}

function Hit({hit, marks, onMore, onAlso}) {
  const [why, setWhy] = useState(false);
  const isPicture = hit.modality === "image";
  const name = hit.document.name;
  const open = pathOf("document", {c: current.value, d: hit.document.id, page: hit.page, i: hit.id});
  const part = item(hit.id, 1, hit.document.id, name, Boolean(hit.thumbnail));
  return html`
    <li class=${`hit ${isPicture ? "picture" : "passage"}`}>
      <a class="body" href=${open} aria-label=${isPicture ? `Picture ${name}` : null}>
        ${isPicture ? html`<${Thumbnail} hit=${hit} />` : html`<p class="text">${marked(hit.text ?? "", marks)}</p>`}
      </a>
      <div class="foot">
        <span class="name" title=${hit.document.external_id ?? name}>${name}${hit.page ? `, page ${hit.page}` : ""}</span>
        <meter class="good" min="0" max=${FULL_BAR} value=${Math.max(0, Math.min(FULL_BAR, hit.score))} title=${`Score ${hit.score.toFixed(2)}`}
          aria-label=${`How good: ${hit.score.toFixed(1)} of ${FULL_BAR}`}></meter>
        <button class="icon" title="More like this" aria-label=${`More like ${name}`} onClick=${() => onMore(part)}><${Icon} name="more" /></button>
        <button class="icon" title="Add to the query" aria-label=${`Add ${name} to the query`} onClick=${() => onAlso(part)}><${Icon} name="plus" /></button>
        <button class="icon" title="Why" aria-label=${`Why ${name}`} aria-expanded=${why} onClick=${() => setWhy(!why)}><${Icon} name="why" /></button>
      </div>
      ${why && html`<${Why} hit=${hit} />`}
    </li>`;
}

function Thumbnail({hit}) {
  const [tries, setTries] = useState(0);
  if (!hit.thumbnail) return html`<span class="blank"><${Icon} name="picture" /><span>Picture on page ${hit.page ?? 1}</span></span>`;
  const again = () => { if (tries < 5) setTimeout(() => setTries(tries + 1), 1500); };  // it is being made
  return html`<img src=${tries ? `${hit.thumbnail}?try=${tries}` : hit.thumbnail} alt=${hit.document.name} loading="lazy" onError=${again} />`;
}

function Why({hit}) {
  return html`
    <table class="why">
      <caption>Score ${hit.score.toFixed(2)}: the best of what each space says</caption>
      <thead><tr><th scope="col">Space</th><th scope="col">Cosine</th><th scope="col">Calibrated</th><th scope="col">Rank</th></tr></thead>
      <tbody>${hit.parts.map((part) => html`
        <tr><th scope="row">${part.space}</th><td>${part.cosine.toFixed(3)}</td><td>${part.calibrated.toFixed(2)}</td><td>${part.rank}</td></tr>`)}
      </tbody>
    </table>`;
}
