// A card beside what is pointed at: what it is, and the way to it.
import {pathOf} from "../lib/router.js";
import {html, useEffect, useState} from "../lib/html.js";
import {toScreen} from "./camera.js";
import {hasPicture, pictureOf} from "./item-cache.js";
import {seesPoint} from "./view-state.js";
import {idAt, PICTURE} from "./points.js";

const PAUSE_MS = 60;   // a pointer that only passes over asks for nothing
const GAP = 14;

export function Card({looking, items, collection}) {
  const {index, by} = looking.point.value;
  const item = usePointed(looking, items, index);
  const said = index < 0 ? "" : sentenceOf(item, looking.points.modality[index]);
  return html`
    <p class="hidden" aria-live="polite">${by === "keys" ? said : ""}</p>
    ${seesPoint(looking) && html`
      <div class=${`pointed ${by}`} style=${placed(looking, index)}>
        ${hasPicture(item) && html`<img src=${pictureOf(collection, item)} alt="" />`}
        <a href=${pathOf("document", {c: collection, d: idAt(looking.points.documents, index), i: idAt(looking.points.ids, index), page: item?.page})}>
          ${item?.document_name ?? "Open"}</a>
        <span class="quiet">${kindOf(item, looking.points.modality[index])}</span>
        ${item?.text && html`<span class="snippet">${item.text}</span>`}
      </div>`}`;
}

/** The item pointed at: undefined until it is known, null when it is gone. */
function usePointed(looking, items, index) {
  const id = index < 0 ? null : idAt(looking.points.ids, index);
  const [, setLoaded] = useState(null);
  useEffect(() => {
    if (!id || items.find(id) !== undefined) return undefined;
    const leave = new AbortController();
    const timer = setTimeout(() => items.load([id], leave.signal).then(() => setLoaded(id), () => {}), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [id]);
  return id ? items.find(id) : undefined;
}

function kindOf(item, modality) {
  if (item === null) return "No longer in the collection";
  return (modality === PICTURE ? "Picture" : "Passage") + (item?.page ? `, page ${item.page}` : "");
}

function sentenceOf(item, modality) {
  if (item === undefined) return "";
  return [kindOf(item, modality), item && ` of ${item.document_name}`, item?.text && `: ${item.text.slice(0, 160)}`].filter(Boolean).join("");
}

/** Beside the point, on the side where there is more room. */
function placed({camera, size, points}, index) {
  const {width, height} = size.value;
  const [left, top] = toScreen(camera.value, size.value, points.x[index], points.y[index]);
  const toLeft = left > width / 2;
  const upwards = top > height / 2;
  return {
    left: toLeft ? "auto" : `${Math.max(0, left + GAP)}px`,
    right: toLeft ? `${Math.max(0, width - left + GAP)}px` : "auto",
    top: upwards ? "auto" : `${Math.max(0, top + GAP)}px`,
    bottom: upwards ? `${Math.max(0, height - top + GAP)}px` : "auto",
  };
}
