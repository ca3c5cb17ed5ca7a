// Who is signed in, and what that one may do.
import {ask, locked} from "../lib/api.js";
import {computed, signal} from "../lib/html.js";

/** {signed_in, actor, scopes, limited}; null until the server has been asked. */
export const session = signal(null);

/** Whether the key that signed in may change nothing. */
export const readsOnly = computed(() => Boolean(session.value?.scopes.length) && !session.value.scopes.includes("write"));

// What is of no use to these is hidden by its class, `needs-write` or `needs-all`, so that no view has to ask.
session.subscribe((value) => {
  document.documentElement.toggleAttribute("data-reads-only", readsOnly.value);
  document.documentElement.toggleAttribute("data-limited", Boolean(value?.limited));
});

/** Ask who this is; who may do nothing has to sign in. */
export async function refreshSession() {
  session.value = await ask("GET", "/v1/session");
  locked.value = !session.value.scopes.length;
}

// The back button may bring back a page as it was before its user signed out.
addEventListener("pageshow", (event) => { if (event.persisted) refreshSession().catch(() => {}); });
