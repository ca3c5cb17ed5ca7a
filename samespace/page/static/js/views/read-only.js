// In place of a view that changes something, for a key that may not.
import {html} from "../lib/html.js";

export const ReadsOnly = () => html`
  <section><h1>This key may only read</h1>
    <p class="quiet">You can search and look at everything it opens. To add, sign in with a key that may write.</p></section>`;
