// Whether the server can be reached; while it cannot, it is probed until it can.
import {signal} from "./html.js";

const PROBE_MS = 2000;

export const serverUnreachable = signal(false);
let timer = 0;

/** There was a response, be it an error. */
export function markReachable() {
  serverUnreachable.value = false;
}

/** There was no response: probe until there is one. */
export function markUnreachable() {
  serverUnreachable.value = true;
  if (!timer) timer = setTimeout(probe, PROBE_MS);
}

async function probe() {
  timer = 0;
  try {
    await fetch("/healthz", {cache: "no-store"});
    markReachable();
  } catch {
    markUnreachable();
  }
}

addEventListener("offline", markUnreachable);
addEventListener("online", probe);
