// Sign-out: clears what this browser has stored of uploads.
import {request} from "../lib/api.js";
import {html} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {notify} from "../lib/notifications.js";
import {session} from "../state/session.js";
import {clearUploads} from "./storage.js";

/** End the session and reload, so that nothing shown stays in memory. */
async function signOut() {
  try {
    await request("DELETE", "/v1/session");
    await clearUploads();
    location.replace("/");
  } catch (problem) {
    notify(problem.message, {retry: signOut});
  }
}

export function SignOutButton() {
  if (!session.value?.signed_in) return null;
  const title = `Sign out (this key may ${session.value.scopes.join(", ")})`;
  return html`
    <button class="icon" title=${title} aria-label=${title} onClick=${signOut}><${Icon} name="sign-out" /></button>`;
}
