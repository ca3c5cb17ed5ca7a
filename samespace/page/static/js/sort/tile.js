// An item as a small tile: its thumbnail, or the beginning of its text.
import {Thumbnail} from "../components/thumbnail.js";
import {formatPercent} from "../lib/format.js";
import {html} from "../lib/html.js";
import {isThumbnailItem, modalityOf} from "../lib/modalities.js";
import {pathTo} from "../lib/router.js";
import {currentCollection} from "../state/collections.js";

export function Tile({item}) {
  const {id, document_id: document, document_name: name, confidence, text} = item;
  const location = item.page ? `${name}, page ${item.page}` : name;
  return html`
    <li class="tile">
      <a href=${pathTo("document", {c: currentCollection.value, d: document, i: id})} title=${`${location}, ${formatPercent(confidence)} sure`}>
        ${isThumbnailItem(item)
          ? html`<${Thumbnail} document=${{id: document, content_hash: item.content_hash}} size="small" alt=${name} />`
          : html`<span class="snippet">${text || `${modalityOf(item.modality).label} in ${location}`}</span>`}
        <span class="sure"><span class="hidden">sure to </span>${formatPercent(confidence)}</span>
      </a>
    </li>`;
}
