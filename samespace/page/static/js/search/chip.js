// A part of a query: what it is, its weight, and how to be rid of it.
import {html, memo, useEffect, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {findPicture} from "./query-images.js";
import {MOST_WEIGHT} from "./query.js";
import {Thumbnail} from "../components/thumbnail.js";

export const Chip = memo(({part, number, onChange}) => {
  const name = part.kind === "words" ? part.value : part.name || "picture";
  const weigh = (event) => {
    const weight = event.target.valueAsNumber;
    if (Number.isFinite(weight)) onChange(number, {...part, weight: Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, weight))});
    else event.target.value = part.weight;
  };
  return html`
    <li class=${`chip ${part.weight < 0 ? "away" : ""}`}>
      <${Preview} part=${part} />
      <span class="name" title=${name}>${name}</span>
      <label><span class="hidden">Weight of ${name}</span>
        <input type="number" step="0.5" min=${-MOST_WEIGHT} max=${MOST_WEIGHT} value=${part.weight} title="Weight; below 0 pushes away" onChange=${weigh} /></label>
      <button type="button" class="icon" title="Remove" aria-label=${`Remove ${name}`} onClick=${() => onChange(number, null)}><${Icon} name="close" /></button>
    </li>`;
});

function Preview({part}) {
  if (part.kind === "picture") return html`<${Kept} name=${part.value} />`;
  if (part.kind === "item" && part.isPicture) {
    return html`<${Thumbnail} document=${{id: part.document, content_hash: part.hash}} size="small" alt="" width="30" height="30" instead=${html`<${Icon} name="picture" />`} />`;
  }
  return part.kind === "item" ? html`<${Icon} name="file" />` : null;
}

/** A picture that is kept in this browser, or a sign that it is not. */
function Kept({name}) {
  const [url, setUrl] = useState(null);
  useEffect(() => {
    let made = "";
    findPicture(name).then((blob) => {
      made = blob ? URL.createObjectURL(blob) : "";
      setUrl(made);
    }, () => setUrl(""));
    return () => URL.revokeObjectURL(made);
  }, [name]);
  if (url) return html`<img src=${url} alt="" width="30" height="30" />`;
  return html`<${Icon} name="picture" />${url === "" && html`<span class="bad">missing</span>`}`;
}
