// Pictures of documents are had under their content hash; those of a query stay in this browser, under a name
// that the address carries.
import {randomHex} from "../lib/random.js";
import {openStore} from "../lib/indexed-db.js";

const STORE = "pictures";
const MOST_KEPT = 200;

async function inStore(mode, use) {
  const database = await openStore("samespace", STORE);
  try {
    return await new Promise((resolve, reject) => {
      const request = use(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } finally {
    database.close();
  }
}

/** Keep a picture; answers the name it is kept under, the same for the same bytes where the browser can tell. */
export async function keepPicture(blob) {
  const name = await nameOf(blob);
  await inStore("readwrite", (store) => store.put({blob, at: Date.now()}, name));
  await forgetOldest();
  return name;
}

/** The picture of that name, undefined in another browser. */
export const findPicture = async (name) => (await inStore("readonly", (store) => store.get(name)))?.blob;

async function forgetOldest() {
  const names = await inStore("readonly", (store) => store.getAllKeys());
  if (names.length <= MOST_KEPT) return;
  const times = (await inStore("readonly", (store) => store.getAll())).map(({at}) => at);
  const oldest = names[times.indexOf(Math.min(...times))];
  await inStore("readwrite", (store) => store.delete(oldest));
}

async function nameOf(blob) {
  if (!crypto.subtle) return randomHex(32);
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest).slice(0, 16), hex).join("");
}

const hex = (byte) => byte.toString(16).padStart(2, "0");
