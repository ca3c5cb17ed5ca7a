// Files that were not sent yet are kept in this browser, so that a reload goes on with them.
import {randomHex} from "../lib/random.js";
import {openStore} from "../lib/indexed-db.js";

const STORE = "waiting";
const AT_ONCE = 100;
const MOST_BYTES = 2e9;
const WITHOUT_ESTIMATE = 2e8;

/** This visit: others leave its files alone while it lasts. */
const visit = randomHex(16);
let room = null;

if (navigator.locks) navigator.locks.request(visit, () => new Promise(() => {}));

async function inStore(use) {
  const database = await openStore("samespace-uploads", STORE);
  try {
    return await new Promise((resolve, reject) => {
      const change = database.transaction(STORE, "readwrite");
      const asked = use(change.objectStore(STORE));
      change.oncomplete = () => resolve(asked?.result);
      change.onerror = change.onabort = () => reject(change.error);
    });
  } finally {
    database.close();
  }
}

/** Keep what is still to be sent of these; false if there is no room for all of them. */
export async function keep(uploads, isUnsent) {
  try {
    room ??= await roomLeft();
    for (let start = 0; start < uploads.length; start += AT_ONCE) {
      const some = uploads.slice(start, start + AT_ONCE).filter(isUnsent);
      room -= some.reduce((sum, each) => sum + each.size, 0);
      if (room < 0) return false;
      await inStore((store) => { for (const each of some) store.put(record(each), each.key); });
      for (const each of some) each.kept = true;
    }
    return true;
  } catch {
    return false;  // private windows and full disks keep nothing
  }
}

/** They were sent, or given up. */
export async function forget(uploads) {
  const some = uploads.filter((each) => each.key);
  if (!some.length) return;
  room += some.reduce((sum, each) => sum + (each.kept ? each.size : 0), 0);
  await inStore((store) => { for (const each of some) store.delete(each.key); }).catch(() => {});
}

/** They are nobody else's business. */
export const forgetAll = () => inStore((store) => { store.clear(); }).catch(() => {});

/** What visits that are over have left, oldest first; it is this visit's from now on. */
export async function adopt() {
  try {
    const live = new Set((await navigator.locks?.query())?.held.map((each) => each.name));
    const all = await inStore((store) => store.getAll());
    const left = all.filter((each) => each.visit !== visit && !live.has(each.visit));
    await inStore((store) => { for (const each of left) store.put({...each, visit}, each.key); });
    return left;
  } catch {
    return [];
  }
}

const record = ({key, collection, job, path, name, file, text, sameName}) => ({key, visit, collection, job, path, name, file, text, sameName});

/** A key that sorts by time. */
let number = 0;
export const newKey = () => `${Date.now().toString(16).padStart(12, "0")}-${String(++number).padStart(8, "0")}-${visit}`;

async function roomLeft() {
  const told = await navigator.storage?.estimate?.();
  return told ? Math.min(MOST_BYTES, (told.quota - told.usage) / 2) : WITHOUT_ESTIMATE;
}
