// A banner while the server is unreachable.
import {away} from "../lib/connectivity.js";
import {html, useEffect, useRef} from "../lib/html.js";

/** Says that the server is away; `onBack` is called once it answers again. */
export function Away({onBack}) {
  const before = useRef(false);
  const isAway = away.value;
  useEffect(() => {
    if (before.current && !isAway) onBack();
    before.current = isAway;
  }, [isAway]);
  return html`
    <div role="status">${isAway && html`<p class="away"><strong>The server does not answer.</strong>
      What is shown stays; the page goes on by itself as soon as the server is back.</p>`}</div>`;
}
