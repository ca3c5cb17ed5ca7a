// A banner while the server is unreachable.
import {serverUnreachable} from "../lib/connectivity.js";
import {html, useEffect, useRef} from "../lib/html.js";

/** Calls `onBack` once the server can be reached again. */
export function OfflineBanner({onBack}) {
  const wasUnreachable = useRef(false);
  const isUnreachable = serverUnreachable.value;
  useEffect(() => {
    if (wasUnreachable.current && !isUnreachable) onBack();
    wasUnreachable.current = isUnreachable;
  }, [isUnreachable]);
  return html`
    <div role="status">${isUnreachable && html`<p class="offline"><strong>The server does not answer.</strong>
      What you see stays as it is; the page continues by itself once the server is back.</p>`}</div>`;
}
