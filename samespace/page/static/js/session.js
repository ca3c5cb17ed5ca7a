// Who is signed in, and what that one may do.
import {ask, locked} from "./api.js";
import {computed, html, signal} from "./html.js";
import {Icon} from "./icons.js";
import {forgetAll} from "./kept.js";
import {say} from "./notices.js";

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

/** Load the page anew afterwards: nothing of what was shown stays in memory. */
async function signOut() {
  try {
    await ask("DELETE", "/v1/session");
    await forgetAll();
    location.replace("/");
  } catch (problem) {
    say(problem.message, {again: signOut});
  }
}

export function SignOut() {
  if (!session.value?.signed_in) return null;
  const title = `Sign out (this key may ${session.value.scopes.join(", ")})`;
  return html`
    <button class="icon" title=${title} aria-label=${title} onClick=${signOut}><${Icon} name="sign-out" /></button>`;
}

/** In place of a view that is of no use then. */
export const ReadsOnly = () => html`
  <section><h1>This key may only read</h1>
    <p class="quiet">You can search and look at everything it opens. To add, sign in with a key that may write.</p></section>`;

// The back button may bring back a page as it was before its user signed out.
addEventListener("pageshow", (event) => { if (event.persisted) refreshSession().catch(() => {}); });
