// A result: its preview, its score, and what can be done with it.
import {Thumbnail} from "../components/thumbnail.js";
import {html, memo, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {modalityOf} from "../lib/modalities.js";
import {pathTo} from "../lib/router.js";
import {highlight} from "./highlight.js";
import {plainText} from "./markdown.js";
import {itemPart, PART_MEDIA_TYPE, serializePart} from "./query.js";

const MAX_SCORE = 6;  // calibrated scores are hardly ever higher
const LOW_SCORE = 2, HIGH_SCORE = 3.5;

export const Hit = memo(({hit, terms, actions, collection}) => {
  const [showsScores, setShowsScores] = useState(false);
  const modality = modalityOf(hit.modality);
  const Preview = PREVIEWS[modality.preview];
  const name = hit.document.name + (hit.page ? `, page ${hit.page}` : "");
  const part = partOf(hit);
  const onKeyDown = (event) => {
    if (event.key !== "Escape" || !showsScores) return;
    event.stopPropagation();
    setShowsScores(false);
  };
  return html`
    <li class=${`hit ${modality.style}`} id=${`hit-${hit.id}`} onKeyDown=${onKeyDown}
      onDragStart=${(event) => event.dataTransfer.setData(PART_MEDIA_TYPE, serializePart(part))}>
      <div class="face">
        <a class="body" draggable="true" href=${pathTo("document", {c: collection, d: hit.document.id, page: hit.page, i: hit.id})}>
          <${Preview} hit=${hit} modality=${modality} collection=${collection} terms=${terms} />
        </a>
        ${showsScores && html`<${ScoreDetails} hit=${hit} name=${name} />`}
      </div>
      <div class="foot">
        <span class="name" title=${hit.document.external_id ?? hit.document.name}>${name}</span>
        <meter class="score" min="0" max=${MAX_SCORE} low=${LOW_SCORE} high=${HIGH_SCORE} optimum=${MAX_SCORE} value=${Math.max(0, Math.min(MAX_SCORE, hit.score))}
          title=${`Score: ${hit.score.toFixed(1)}`} aria-label=${`Score: ${hit.score.toFixed(1)} of ${MAX_SCORE}`}></meter>
        <span class="hit-actions">
          <button class="icon" title="More like this" aria-label=${`More like ${name}`} onClick=${() => actions.searchSimilar(part)}><${Icon} name="more" /></button>
          <button class="icon" title="Add to the query" aria-label=${`Add ${name} to the query`} onClick=${() => actions.addToQuery(part)}><${Icon} name="plus" /></button>
          <button class="icon" title="Why" aria-label=${`Why ${name}`} aria-expanded=${showsScores ? "true" : "false"} onClick=${() => setShowsScores(!showsScores)}><${Icon} name="why" /></button>
        </span>
      </div>
    </li>`;
});

function partOf(hit) {
  const {name: documentName} = hit.document;
  const name = modalityOf(hit.modality).preview === "text" ? `“${(hit.text ?? "").slice(0, 40)}” of ${documentName}` : documentName;
  return itemPart(hit.id, 1, hit.document.id, name, Boolean(hit.thumbnail), hit.thumbnail ? hit.document.content_hash : "");
}

const TextPreview = ({hit, terms}) => html`<p class="text">${highlight(plainText(hit.text ?? "", hit.document.media_type), terms)}</p>`;

/** The thumbnail of the document, or for an item inside a document the page it is on. */
function ThumbnailPreview({hit, modality, collection}) {
  const {document, page} = hit;
  const placeholder = (caption) => html`<span class="placeholder"><${Icon} name=${modality.placeholder} /><span>${caption}</span></span>`;
  if (!hit.thumbnail) return placeholder(`${modality.label} on page ${page ?? 1}`);
  return html`
    <${Thumbnail} collection=${collection} document=${document} size="small" fallback=${placeholder(document.name)}
      alt=${document.name} loading="lazy" decoding="async" width="320" height="208" />`;
}

/** What has neither a text nor a picture of itself. */
const NamePreview = ({hit, modality}) => html`<span class="placeholder"><${Icon} name=${modality.placeholder} /><span>${hit.document.name}</span></span>`;

const PREVIEWS = {text: TextPreview, thumbnail: ThumbnailPreview, none: NamePreview};

function ScoreDetails({hit, name}) {
  return html`
    <div class="why" role="group" tabindex="0" aria-label=${`Why ${name} was found`}>
      <table>
        <caption>Score ${hit.score.toFixed(2)}, the highest over all spaces</caption>
        <thead><tr><th scope="col">Space</th><th scope="col">Cosine</th><th scope="col" title="In spreads above the typical score of this query">Score</th><th scope="col">Rank</th></tr></thead>
        <tbody>${hit.parts.map((part) => html`
          <tr><th scope="row">${part.space}</th><td>${part.cosine.toFixed(3)}</td><td>${part.calibrated.toFixed(2)}</td><td>${part.rank}</td></tr>`)}
        </tbody>
      </table>
    </div>`;
}
