// Whether the server answers: where it stops to, a banner says so until it does again.
import {signal} from "./html.js";

const LOOK_MS = 2000;
export const away = signal(false);
let timer = 0;

/** What was asked was answered, be it with an error. */
export function heard() {
  away.value = false;
}

/** Nothing answered: look again until something does. */
export function lost() {
  away.value = true;
  if (!timer) timer = setTimeout(look, LOOK_MS);
}

async function look() {
  timer = 0;
  try {
    await fetch("/healthz", {cache: "no-store"});
    heard();
  } catch {
    lost();
  }
}

addEventListener("offline", lost);
addEventListener("online", look);
