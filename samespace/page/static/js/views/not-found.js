// What an address shows that names no view.
import {follow} from "../lib/router.js";
import {html} from "../lib/html.js";

export const Unknown = () => html`
  <section class="empty" onClick=${follow}>
    <h1>There is no such page</h1>
    <p>The address <code>${location.pathname}</code> leads nowhere. It may have been mistyped, or cut off.</p>
    <a class="button main" href="/">Go to the search</a>
  </section>`;
