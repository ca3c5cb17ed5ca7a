// A part of a query: what it is, its weight, and how to be rid of it.
import {inCollection} from "../api.js";
import {current} from "../collections.js";
import {html, useEffect, useState} from "../html.js";
import {Icon} from "../icons.js";
import {findPicture} from "../pictures.js";

export function Chip({part, onChange}) {
  const weigh = (weight) => onChange({...part, weight: Math.max(-9, Math.min(9, Math.round(weight * 10) / 10))});
  const name = part.kind === "words" ? part.value : part.name;
  return html`
    <li class=${`chip ${part.weight < 0 ? "away" : ""}`}>
      <${Preview} part=${part} />
      <span class="name" title=${name}>${name}</span>
      <label><span class="hidden">Weight of ${name}</span>
        <input type="number" step="0.5" min="-9" max="9" value=${part.weight} title="Weight; below 0 pushes away"
          onChange=${(event) => weigh(Number(event.target.value))} /></label>
      <button type="button" class="icon" aria-label=${`Remove ${name}`} onClick=${() => onChange(null)}><${Icon} name="close" /></button>
    </li>`;
}

function Preview({part}) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    if (part.kind !== "picture") return undefined;
    let made = "";
    findPicture(part.value).then((blob) => {
      if (!blob) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    }, () => {});
    return () => URL.revokeObjectURL(made);
  }, [part.value]);
  if (part.kind === "item" && part.isPicture) {
    return html`<img src=${inCollection(current.value, "documents", part.document, "thumbnail")} alt="" />`;
  }
  if (url) return html`<img src=${url} alt="" />`;
  return part.kind === "words" ? null : html`<${Icon} name=${part.kind === "picture" ? "picture" : "file"} />`;
}
