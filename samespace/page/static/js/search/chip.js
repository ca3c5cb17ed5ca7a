// A part of the query as a chip: preview, weight, and a button to remove it.
import {Thumbnail} from "../components/thumbnail.js";
import {html, memo, useEffect, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {loadPicture} from "./query-pictures.js";
import {MAX_WEIGHT} from "./query.js";

export const Chip = memo(({part, number, onChange}) => {
  const name = part.kind === "words" ? part.value : part.name || "picture";
  const onWeightChange = (event) => {
    const weight = event.target.valueAsNumber;
    if (Number.isFinite(weight)) onChange(number, {...part, weight: Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight))});
    else event.target.value = part.weight;
  };
  return html`
    <li class=${`chip ${part.weight < 0 ? "negative" : ""}`}>
      <${Preview} part=${part} />
      <span class="name" title=${name}>${name}</span>
      <label><span class="hidden">Weight of ${name}</span>
        <input type="number" step="0.5" min=${-MAX_WEIGHT} max=${MAX_WEIGHT} value=${part.weight} title="Weight; negative pushes away" onChange=${onWeightChange} /></label>
      <button type="button" class="icon" title="Remove" aria-label=${`Remove ${name}`} onClick=${() => onChange(number, null)}><${Icon} name="close" /></button>
    </li>`;
});

function Preview({part}) {
  if (part.kind === "picture") return html`<${StoredPicture} name=${part.value} />`;
  if (part.kind === "item" && part.hasThumbnail) {
    return html`<${Thumbnail} document=${{id: part.document, content_hash: part.hash}} size="small" alt="" width="30" height="30" fallback=${html`<${Icon} name="picture" />`} />`;
  }
  return part.kind === "item" ? html`<${Icon} name="file" />` : null;
}

/** A picture stored in this browser, or a note that it is missing. */
function StoredPicture({name}) {
  const [url, setUrl] = useState(null);
  useEffect(() => {
    let objectUrl = "";
    loadPicture(name).then((blob) => {
      objectUrl = blob ? URL.createObjectURL(blob) : "";
      setUrl(objectUrl);
    }, () => setUrl(""));
    return () => URL.revokeObjectURL(objectUrl);
  }, [name]);
  if (url) return html`<img src=${url} alt="" width="30" height="30" />`;
  return html`<${Icon} name="picture" />${url === "" && html`<span class="bad">missing</span>`}`;
}
