// A picture as large as the view needs it; the original where somebody wants it and browsers draw its kind.
import {inCollection} from "../lib/api.js";
import {current} from "../state/collections.js";
import {html, useState} from "../lib/html.js";
import {Thumbnail} from "../components/thumbnail.js";

const DRAWN = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"];

export function Picture({document}) {
  const [isOriginal, setOriginal] = useState(false);
  if (!document.is_live) return null;
  const original = inCollection(current.value, "documents", document.id, "content");
  return html`
    ${isOriginal
      ? html`<img class="whole" src=${original} alt=${document.name} />`
      : html`<${Thumbnail} class="whole" document=${document} size="large" alt=${document.name} />`}
    ${DRAWN.includes(document.media_type) && html`
      <p><button aria-pressed=${isOriginal ? "true" : "false"} onClick=${() => setOriginal(!isOriginal)}>Show the original</button></p>`}`;
}
