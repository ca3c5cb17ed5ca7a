// View: shown instead of one that needs the scope `write`.
import {html} from "../lib/html.js";

export const ReadOnly = () => html`
  <section><h1>This key may only read</h1>
    <p class="quiet">You can search and view everything it has access to. To add documents or to compare models, sign in with a key that may write.</p></section>`;
