// What the points stand for, asked in batches and kept.
import {ask, inCollection, thumbnailOf} from "../lib/api.js";

const BATCH = 200;
const KEPT_ITEMS = 4000;
const KEPT_PICTURES = 300;
const PICTURE_SIDE = 84;   // pixels of the page
const AT_ONCE = 6;
const STILL_MADE = Symbol("asked for again when one looks there again");

/** The items and small pictures of a collection: `load` and `show` fetch, `find` and `picture` say what is there. */
export function createItems(collection, ratio) {
  const items = new Map();
  const pictures = new Map();

  /** Items by their ids, null for those that are gone. */
  async function load(ids, abort) {
    const missing = ids.filter((id) => !items.has(id));
    for (let at = 0; at < missing.length; at += BATCH) {
      const batch = missing.slice(at, at + BATCH);
      const answer = await ask("POST", inCollection(collection, "items", "get"), {ids: batch}, abort);
      for (const id of batch) items.set(id, null);
      for (const each of answer.items) items.set(each.id, each);
    }
    const found = ids.map((id) => items.get(id));
    forget(items, KEPT_ITEMS);
    return found;
  }

  /** Fetch the pictures of items, in this order, and call `onPicture` after each. */
  async function show(some, abort, onPicture) {
    const waiting = some.filter((each) => hasPicture(each) && !pictures.has(each.id));
    const work = async () => {
      for (let each = waiting.shift(); each && !abort.aborted; each = waiting.shift()) {
        const picture = await fetchPicture(collection, each, PICTURE_SIDE * ratio, abort).catch(() => null);
        if (abort.aborted || picture === STILL_MADE) continue;
        pictures.set(each.id, picture);
        onPicture();
      }
    };
    await Promise.all(Array.from({length: AT_ONCE}, work));
    forget(pictures, KEPT_PICTURES, (bitmap) => bitmap?.close());
  }

  return {load, show, find: (id) => items.get(id), picture: (id) => pictures.get(id)};
}

/** Whether an item is a picture with one of its own to show; a figure inside a document has none. */
export const hasPicture = (item) => item?.modality === "image" && item.media_type.startsWith("image/");

/** The address of an item's small picture. */
export const pictureOf = (collection, item) =>
  thumbnailOf(collection, {id: item.document_id, content_hash: item.content_hash}, "small");

async function fetchPicture(collection, item, side, abort) {
  const response = await fetch(pictureOf(collection, item), {signal: abort});
  if (response.status === 503) return STILL_MADE;
  if (!response.ok) return null;
  const whole = await createImageBitmap(await response.blob());
  const share = Math.min(1, side / Math.max(whole.width, whole.height));
  const small = await createImageBitmap(whole, {
    resizeWidth: Math.max(1, Math.round(whole.width * share)),
    resizeHeight: Math.max(1, Math.round(whole.height * share)),
    resizeQuality: "medium",
  });
  whole.close();
  return small;
}

function forget(map, kept, end = () => {}) {
  for (const [id, each] of map) {
    if (map.size <= kept) return;
    map.delete(id);
    end(each);
  }
}
