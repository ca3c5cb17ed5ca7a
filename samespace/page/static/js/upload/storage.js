// Uploads that are not sent yet, persisted in IndexedDB so that they survive a reload.
import {withStore} from "../lib/indexed-db.js";
import {randomHex} from "../lib/hex.js";

const BATCH_SIZE = 100;
const MAX_BYTES = 2e9;
const DEFAULT_BYTES = 2e8;

/** Identifies this tab by a Web Lock held while it is open: other tabs leave its uploads alone until then. */
const tabId = randomHex(16);
let freeBytes = null;

if (navigator.locks) navigator.locks.request(tabId, () => new Promise(() => {}));

const inStore = (callback) => withStore("samespace-uploads", "waiting", "readwrite", callback);

/** Persist the uploads that are still unsent; false if there is no room for all of them. */
export async function storeUploads(uploads, isUnsent) {
  try {
    freeBytes ??= await estimateFreeBytes();
    for (let start = 0; start < uploads.length; start += BATCH_SIZE) {
      const batch = uploads.slice(start, start + BATCH_SIZE).filter(isUnsent);
      freeBytes -= batch.reduce((sum, each) => sum + each.size, 0);
      if (freeBytes < 0) return false;
      await inStore((store) => { for (const each of batch) store.put(toRecord(each), each.key); });
      for (const each of batch) each.isStored = true;
    }
    return true;
  } catch {
    return false;  // private window or full disk
  }
}

/** Remove uploads that were sent or given up. */
export async function deleteUploads(uploads) {
  const batch = uploads.filter((each) => each.key);
  if (!batch.length) return;
  freeBytes += batch.reduce((sum, each) => sum + (each.isStored ? each.size : 0), 0);
  await inStore((store) => { for (const each of batch) store.delete(each.key); }).catch(() => {});
}

/** Remove all, as at a sign-out. */
export const clearUploads = () => inStore((store) => { store.clear(); }).catch(() => {});

/** Take over the uploads of tabs that were closed, oldest first. */
export async function takeOverAbandoned() {
  try {
    const openTabs = new Set((await navigator.locks?.query())?.held.map((each) => each.name));
    const all = await inStore((store) => store.getAll());
    const abandoned = all.filter((each) => each.visit !== tabId && !openTabs.has(each.visit));
    await inStore((store) => { for (const each of abandoned) store.put({...each, visit: tabId}, each.key); });
    return abandoned;
  } catch {
    return [];
  }
}

const toRecord = ({key, collection, job, path, name, file, text, sameName}) => ({key, visit: tabId, collection, job, path, name, file, text, sameName});

let sequence = 0;

/** A key that sorts by time. */
export const newKey = () => `${Date.now().toString(16).padStart(12, "0")}-${String(++sequence).padStart(8, "0")}-${tabId}`;

async function estimateFreeBytes() {
  const estimate = await navigator.storage?.estimate?.();
  return estimate ? Math.min(MAX_BYTES, (estimate.quota - estimate.usage) / 2) : DEFAULT_BYTES;
}
