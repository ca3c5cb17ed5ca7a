// The thumbnail of a document; while a worker still makes it, loading is retried with growing delays.
import {thumbnailPath} from "../lib/api.js";
import {html, useEffect, useState} from "../lib/html.js";
import {currentCollection} from "../state/collections.js";

const MAX_RETRIES = 8;
const FIRST_DELAY_MS = 500;

/** An <img>; `document` is {id, content_hash}, `size` "small" or "large"; `fallback` replaces it after the last retry;
 * other props become attributes. */
export function Thumbnail({collection = currentCollection.value, document, size, fallback, ...attributes}) {
  const [failures, setFailures] = useState(0);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!failures || failures > MAX_RETRIES) return undefined;
    const timer = setTimeout(() => setAttempt(failures), FIRST_DELAY_MS * 1.5 ** (failures - 1));
    return () => clearTimeout(timer);
  }, [failures]);
  if (fallback && failures > MAX_RETRIES) return fallback;
  // A new element requests the same URL again, so that the response is cached under it.
  return html`<img key=${attempt} ...${attributes} src=${thumbnailPath(collection, document, size)} onError=${() => setFailures(failures + 1)} />`;
}
