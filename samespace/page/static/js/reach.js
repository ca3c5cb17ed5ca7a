// Whether the server answers: where it stops to, a banner says so until it does again.
import {html, signal, useEffect, useRef} from "./html.js";

const LOOK_MS = 2000;
const away = signal(false);
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

/** Says that the server is away; `onBack` is called once it answers again. */
export function Away({onBack}) {
  const before = useRef(false);
  const isAway = away.value;
  useEffect(() => {
    if (before.current && !isAway) onBack();
    before.current = isAway;
  }, [isAway]);
  return html`
    <div role="status">${isAway && html`<p class="away"><strong>The server does not answer.</strong>
      What is shown stays; the page goes on by itself as soon as the server is back.</p>`}</div>`;
}
