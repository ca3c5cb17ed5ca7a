// The large preview of a picture, and the original on request if browsers can display it.
import {Thumbnail} from "../components/thumbnail.js";
import {contentPath} from "../lib/api.js";
import {html, useState} from "../lib/html.js";
import {isDisplayable} from "../lib/modalities.js";
import {currentCollection} from "../state/collections.js";

export function Picture({document}) {
  const [showsOriginal, setShowsOriginal] = useState(false);
  if (!document.is_live) return null;
  const original = contentPath(currentCollection.value, document.id);
  return html`
    ${showsOriginal
      ? html`<img class="whole" src=${original} alt=${document.name} />`
      : html`<${Thumbnail} class="whole" document=${document} size="large" alt=${document.name} />`}
    ${isDisplayable(document.media_type) && html`
      <p><button aria-pressed=${showsOriginal ? "true" : "false"} onClick=${() => setShowsOriginal(!showsOriginal)}>Show the original</button></p>`}`;
}
