// A card beside the active point: a preview of its item, and a link to it.
import {html, useEffect, useState} from "../lib/html.js";
import {isThumbnailItem, modalities} from "../lib/modalities.js";
import {pathTo} from "../lib/router.js";
import {thumbnailOf} from "./item-cache.js";
import {idAt} from "./points.js";
import {isPointVisible, positionOf} from "./view-state.js";

const DELAY_MS = 60;   // a pointer that only passes over triggers no request
const GAP = 14;

export function HoverCard({view, items, collection}) {
  const {index, by} = view.point.value;
  const item = useItem(view, items, index);
  const announcement = index < 0 ? "" : describe(item, view.points.modality[index]);
  return html`
    <p class="hidden" aria-live="polite">${by === "keyboard" ? announcement : ""}</p>
    ${isPointVisible(view) && html`
      <div class=${`hover-card ${by}`} style=${positionStyle(view, index)}>
        ${item && isThumbnailItem(item) && html`<img src=${thumbnailOf(collection, item)} alt="" />`}
        <a href=${pathTo("document", {c: collection, d: idAt(view.points.documents, index), i: idAt(view.points.ids, index), page: item?.page})}>
          ${item?.document_name ?? "Open"}</a>
        <span class="quiet">${kindLabel(item, view.points.modality[index])}</span>
        ${item?.text && html`<span class="snippet">${item.text}</span>`}
      </div>`}`;
}

/** The item of the active point: undefined while it loads, null if it was deleted. */
function useItem(view, items, index) {
  const id = index < 0 ? null : idAt(view.points.ids, index);
  const [, setLoaded] = useState(null);
  useEffect(() => {
    if (!id || items.find(id) !== undefined) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => items.load([id], controller.signal).then(() => setLoaded(id), () => {}), DELAY_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [id]);
  return id ? items.find(id) : undefined;
}

function kindLabel(item, modality) {
  if (item === null) return "No longer in the collection";
  return modalities()[modality].label + (item?.page ? `, page ${item.page}` : "");
}

function describe(item, modality) {
  if (item === undefined) return "";
  return [kindLabel(item, modality), item && ` of ${item.document_name}`, item?.text && `: ${item.text.slice(0, 160)}`].filter(Boolean).join("");
}

/** Beside the point, on the side with more room. */
function positionStyle(view, index) {
  const {width, height} = view.size.value;
  const [left, top] = positionOf(view, index);
  const toLeft = left > width / 2;
  const upwards = top > height / 2;
  return {
    left: toLeft ? "auto" : `${Math.max(0, left + GAP)}px`,
    right: toLeft ? `${Math.max(0, width - left + GAP)}px` : "auto",
    top: upwards ? "auto" : `${Math.max(0, top + GAP)}px`,
    bottom: upwards ? `${Math.max(0, height - top + GAP)}px` : "auto",
  };
}
