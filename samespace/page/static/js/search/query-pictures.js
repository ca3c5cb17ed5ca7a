// Pictures of a query, stored in IndexedDB under a name that the address carries.
import {withStore} from "../lib/indexed-db.js";
import {randomHex, toHex} from "../lib/hex.js";

const MAX_PICTURES = 200;

const inStore = (mode, callback) => withStore("samespace", "pictures", mode, callback);

/** Store a picture; resolves to its name, a hash of its content (random without TLS, where hashing is missing). */
export async function storePicture(blob) {
  const name = await hashName(blob);
  await inStore("readwrite", (store) => store.put({blob, at: Date.now()}, name));
  await evictOldest();
  return name;
}

/** The picture of that name; undefined in another browser. */
export const loadPicture = async (name) => (await inStore("readonly", (store) => store.get(name)))?.blob;

async function evictOldest() {
  const names = await inStore("readonly", (store) => store.getAllKeys());
  if (names.length <= MAX_PICTURES) return;
  const times = (await inStore("readonly", (store) => store.getAll())).map(({at}) => at);
  const oldest = names[times.indexOf(Math.min(...times))];
  await inStore("readwrite", (store) => store.delete(oldest));
}

async function hashName(blob) {
  if (!crypto.subtle) return randomHex(32);
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return toHex(new Uint8Array(digest).slice(0, 16));
}
