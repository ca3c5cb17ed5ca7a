// A table with a caption, which scrolls by itself where it is wider than the page.
import {html} from "../lib/html.js";

/** `head` are the titles of the columns, `rows` their cells; the first cell of a row is its title. */
export const Table = ({caption, head, rows}) => html`
  <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption>${caption}</caption>
      <thead><tr>${head.map((each) => (each ? html`<th scope="col">${each}</th>` : html`<td></td>`))}</tr></thead>
      <tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((each) => html`<td>${each}</td>`)}</tr>`)}</tbody>
    </table>
  </div>`;
