// View: for an address that names no view.
import {html} from "../lib/html.js";
import {handleLinkClick} from "../lib/router.js";

export const NotFound = () => html`
  <section class="empty" onClick=${handleLinkClick}>
    <h1>There is no such page</h1>
    <p>The address <code>${location.pathname}</code> does not exist. It may be mistyped or incomplete.</p>
    <a class="button main" href="/">Go to the search</a>
  </section>`;
