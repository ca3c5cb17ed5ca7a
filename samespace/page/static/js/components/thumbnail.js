// The picture of a document; while a worker makes it, it is asked for again, more and more rarely.
import {thumbnailOf} from "../lib/api.js";
import {current} from "../state/collections.js";
import {html, useEffect, useState} from "../lib/html.js";

const MOST_TRIES = 8;
const PAUSE_MS = 500;

/** An image element; `document` is {id, content_hash}, `size` "small" or "large"; `instead` is shown once it is given
 * up, if there is one; what else is given it takes as it is. */
export function Thumbnail({collection = current.value, document, size, instead, ...more}) {
  const [failures, setFailures] = useState(0);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!failures || failures > MOST_TRIES) return undefined;
    const timer = setTimeout(() => setTries(failures), PAUSE_MS * 1.5 ** (failures - 1));
    return () => clearTimeout(timer);
  }, [failures]);
  if (instead && failures > MOST_TRIES) return instead;
  // A new element asks again under the same address, so that the answer is kept under it.
  return html`<img key=${tries} ...${more} src=${thumbnailOf(collection, document, size)} onError=${() => setFailures(failures + 1)} />`;
}
