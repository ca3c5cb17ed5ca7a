// An item as a small tile: its picture, or the beginning of its passage.
import {pathOf} from "../lib/router.js";
import {percent} from "../lib/format.js";
import {current} from "../state/collections.js";
import {html} from "../lib/html.js";
import {Thumbnail} from "../components/thumbnail.js";

export function Tile({item}) {
  const {id, document_id: document, document_name: name, confidence, text} = item;
  const isPicture = item.modality === "image" && item.media_type?.startsWith("image/");
  const place = item.page ? `${name}, page ${item.page}` : name;
  return html`
    <li class="tile">
      <a href=${pathOf("document", {c: current.value, d: document, i: id})} title=${`${place}, ${percent(confidence)} sure`}>
        ${isPicture
          ? html`<${Thumbnail} document=${{id: document, content_hash: item.content_hash}} size="small" alt=${name} />`
          : html`<span class="snippet">${text || `Picture in ${place}`}</span>`}
        <span class="sure"><span class="hidden">sure to </span>${percent(confidence)}</span>
      </a>
    </li>`;
}
