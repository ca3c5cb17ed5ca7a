// Cache of the items and thumbnails behind the points, fetched in batches.
import {collectionPath, request, thumbnailPath} from "../lib/api.js";
import {isThumbnailItem} from "../lib/modalities.js";

const BATCH = 200;
const MAX_ITEMS = 4000;
const MAX_PICTURES = 300;
const PICTURE_SIDE = 84;   // CSS pixels
const CONCURRENCY = 6;
const NOT_READY = Symbol("not made yet; requested again the next time");

/** `load` and `loadPictures` fetch items and thumbnails of a collection, `find` and `picture` look them up. */
export function createItemCache(collection, ratio) {
  const items = new Map();
  const pictures = new Map();

  /** Items by their ids, null for deleted ones. */
  async function load(ids, abort) {
    const missing = ids.filter((id) => !items.has(id));
    for (let at = 0; at < missing.length; at += BATCH) {
      const batch = missing.slice(at, at + BATCH);
      const answer = await request("POST", collectionPath(collection, "items", "get"), {ids: batch}, abort);
      for (const id of batch) items.set(id, null);
      for (const each of answer.items) items.set(each.id, each);
    }
    const loaded = ids.map((id) => items.get(id));
    evict(items, MAX_ITEMS);
    return loaded;
  }

  /** Fetch the thumbnails of items in this order, and call `onPicture` after each. */
  async function loadPictures(wanted, abort, onPicture) {
    const queue = wanted.filter((each) => isThumbnailItem(each) && !pictures.has(each.id));
    const worker = async () => {
      for (let each = queue.shift(); each && !abort.aborted; each = queue.shift()) {
        const picture = await fetchPicture(collection, each, PICTURE_SIDE * ratio, abort).catch(() => null);
        if (abort.aborted || picture === NOT_READY) continue;
        pictures.set(each.id, picture);
        onPicture();
      }
    };
    await Promise.all(Array.from({length: CONCURRENCY}, worker));
    evict(pictures, MAX_PICTURES, (bitmap) => bitmap?.close());
  }

  return {load, loadPictures, find: (id) => items.get(id), picture: (id) => pictures.get(id)};
}

/** The URL of an item's thumbnail. */
export const thumbnailOf = (collection, item) =>
  thumbnailPath(collection, {id: item.document_id, content_hash: item.content_hash}, "small");

async function fetchPicture(collection, item, side, abort) {
  const response = await fetch(thumbnailOf(collection, item), {signal: abort});
  if (response.status === 503) return NOT_READY;
  if (!response.ok) return null;
  const full = await createImageBitmap(await response.blob());
  const scale = Math.min(1, side / Math.max(full.width, full.height));
  const scaled = await createImageBitmap(full, {
    resizeWidth: Math.max(1, Math.round(full.width * scale)),
    resizeHeight: Math.max(1, Math.round(full.height * scale)),
    resizeQuality: "medium",
  });
  full.close();
  return scaled;
}

function evict(map, maxSize, onEvict = () => {}) {
  for (const [id, each] of map) {
    if (map.size <= maxSize) return;
    map.delete(id);
    onEvict(each);
  }
}
