// The session: who is signed in, with which scopes.
import {request, signInRequired} from "../lib/api.js";
import {computed, signal} from "../lib/html.js";

/** {signed_in, actor, scopes, limited}; null until it is fetched. */
export const session = signal(null);

/** Whether the key of the session may change nothing. */
export const isReadOnly = computed(() => Boolean(session.value?.scopes.length) && !session.value.scopes.includes("write"));

// CSS hides what such a key may not use by the classes `needs-write` and `needs-all`, so that views need no checks.
session.subscribe((value) => {
  document.documentElement.toggleAttribute("data-reads-only", isReadOnly.value);
  document.documentElement.toggleAttribute("data-limited", Boolean(value?.limited));
});

/** Fetch the session; without any scope the user has to sign in. */
export async function refreshSession() {
  session.value = await request("GET", "/v1/session");
  signInRequired.value = !session.value.scopes.length;
}

// The back-forward cache may restore a page from before a sign-out.
addEventListener("pageshow", (event) => { if (event.persisted) refreshSession().catch(() => {}); });
