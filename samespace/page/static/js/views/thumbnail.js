// The picture of a document; while a worker makes it, it is asked for again, more and more rarely.
import {current} from "../collections.js";
import {html, useEffect, useState} from "../html.js";
import {thumbnailOf} from "../pictures.js";

const MOST_TRIES = 6;
const PAUSE_MS = 1000;

/** An image element; `document` is {id, content_hash}, `size` "small" or "large", what else is given it takes as it is. */
export function Thumbnail({document, size, ...more}) {
  const [failures, setFailures] = useState(0);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!failures || failures >= MOST_TRIES) return undefined;
    const timer = setTimeout(() => setTries(failures), PAUSE_MS * 1.5 ** failures);
    return () => clearTimeout(timer);
  }, [failures]);
  // A new element asks again under the same address, so that the answer is kept under it.
  return html`<img key=${tries} ...${more} src=${thumbnailOf(current.value, document, size)} onError=${() => setFailures(failures + 1)} />`;
}
