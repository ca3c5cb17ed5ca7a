// One result: a picture or a passage, how good it is, and what can be done with it.
import {pathOf} from "../lib/router.js";
import {html, memo, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {readable} from "./markdown.js";
import {marked} from "./highlight.js";
import {DRAGGED_PART, item, writePart} from "./query.js";
import {Thumbnail} from "../components/thumbnail.js";

const FULL_BAR = 6;  // a calibrated score that hardly any answer is above
const POOR = 2, FAIR = 3.5;

export const Hit = memo(({hit, marks, pick, collection}) => {
  const [isWhy, setWhy] = useState(false);
  const name = hit.document.name + (hit.page ? `, page ${hit.page}` : "");
  const part = partOf(hit);
  const close = (event) => {
    if (event.key !== "Escape" || !isWhy) return;
    event.stopPropagation();
    setWhy(false);
  };
  return html`
    <li class=${`hit ${hit.modality === "image" ? "picture" : "passage"}`} id=${`hit-${hit.id}`} onKeyDown=${close}
      onDragStart=${(event) => event.dataTransfer.setData(DRAGGED_PART, writePart(part))}>
      <div class="face">
        <a class="body" draggable="true" href=${pathOf("document", {c: collection, d: hit.document.id, page: hit.page, i: hit.id})}>
          ${hit.modality === "image"
            ? html`<${Face} hit=${hit} collection=${collection} />`
            : html`<p class="text">${marked(readable(hit.text ?? "", hit.document.media_type), marks)}</p>`}
        </a>
        ${isWhy && html`<${Why} hit=${hit} name=${name} />`}
      </div>
      <div class="foot">
        <span class="name" title=${hit.document.external_id ?? hit.document.name}>${name}</span>
        <meter class="good" min="0" max=${FULL_BAR} low=${POOR} high=${FAIR} optimum=${FULL_BAR} value=${Math.max(0, Math.min(FULL_BAR, hit.score))}
          title=${`How good: ${hit.score.toFixed(1)}`} aria-label=${`How good: ${hit.score.toFixed(1)} of ${FULL_BAR}`}></meter>
        <span class="doings">
          <button class="icon" title="More like this" aria-label=${`More like ${name}`} onClick=${() => pick.more(part)}><${Icon} name="more" /></button>
          <button class="icon" title="Add to the query" aria-label=${`Add ${name} to the query`} onClick=${() => pick.also(part)}><${Icon} name="plus" /></button>
          <button class="icon" title="Why" aria-label=${`Why ${name}`} aria-expanded=${isWhy ? "true" : "false"} onClick=${() => setWhy(!isWhy)}><${Icon} name="why" /></button>
        </span>
      </div>
    </li>`;
});

function partOf(hit) {
  const name = hit.modality === "image" ? hit.document.name : `“${(hit.text ?? "").slice(0, 40)}” of ${hit.document.name}`;
  return item(hit.id, 1, hit.document.id, name, Boolean(hit.thumbnail), hit.thumbnail ? hit.document.content_hash : "");
}

/** The picture of a document that is one, or where on a page it stands. */
function Face({hit, collection}) {
  const {document, page} = hit;
  const blank = (said) => html`<span class="blank"><${Icon} name="picture" /><span>${said}</span></span>`;
  if (!hit.thumbnail) return blank(`Picture on page ${page ?? 1}`);
  return html`
    <${Thumbnail} collection=${collection} document=${document} size="small" instead=${blank(document.name)}
      alt=${document.name} loading="lazy" decoding="async" width="320" height="208" />`;
}

function Why({hit, name}) {
  return html`
    <div class="why" role="group" tabindex="0" aria-label=${`Why ${name} was found`}>
      <table>
        <caption>Score ${hit.score.toFixed(2)}, the best of what each space says</caption>
        <thead><tr><th scope="col">Space</th><th scope="col">Cosine</th><th scope="col" title="In spreads above what the query scores in general">Score</th><th scope="col">Rank</th></tr></thead>
        <tbody>${hit.parts.map((part) => html`
          <tr><th scope="row">${part.space}</th><td>${part.cosine.toFixed(3)}</td><td>${part.calibrated.toFixed(2)}</td><td>${part.rank}</td></tr>`)}
        </tbody>
      </table>
    </div>`;
}
