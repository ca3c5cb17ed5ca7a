// Signing out: nothing of what was shown or chosen stays in this browser.
import {ask} from "../lib/api.js";
import {html} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {say} from "../lib/notifications.js";
import {session} from "../state/session.js";
import {forgetAll} from "./storage.js";

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
