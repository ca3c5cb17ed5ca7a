// Search requests, retried while the server is busy or unreachable.
import {collectionPath, request} from "../lib/api.js";
import {stringifyJson} from "../lib/json.js";
import {loadPicture} from "./query-pictures.js";
import {searchBody} from "./query.js";

const RETRYABLE = new Set([0, 429, 502, 503, 504]);
const MAX_RETRIES = 6;
const MAX_DELAY_S = 15;

/** POST with retries; `onRetry` gets {seconds, problem} when a delay begins, null when it ends. */
async function requestWithRetry(path, body, {abort, onRetry}) {
  for (let retries = 0; ; retries++) {
    try {
      return await request("POST", path, body, abort);
    } catch (problem) {
      if (!RETRYABLE.has(problem.status) || retries === MAX_RETRIES) throw problem;
      const seconds = Math.max(problem.retryAfter ?? 0, Math.min(2 ** retries, MAX_DELAY_S));
      onRetry({seconds, problem});
      await delay(seconds, abort);
      onRetry(null);
    }
  }
}

function delay(seconds, abort) {
  return new Promise((resolve, reject) => {
    const onAbort = () => { clearTimeout(timer); reject(abort.reason); };
    const timer = setTimeout(() => { abort.removeEventListener("abort", onAbort); resolve(); }, 1000 * seconds);
    abort.addEventListener("abort", onAbort, {once: true});
  });
}

/** Pictures of the query are not stored in this browser: they were dropped in another one, or long ago. */
export class MissingPictures extends Error {
  constructor(names) {
    super(`${names.length > 1 ? "Pictures" : "A picture"} of this query (${names.join(", ")}) ${names.length > 1 ? "are" : "is"} not in this browser. Pictures are stored only in the browser they were dropped into; links do not contain them.`);
    this.names = names;
  }
}

/** The first page of a ranking. */
export async function fetchFirstPage(collection, parts, searchOptions, requestOptions) {
  const body = searchBody(parts, searchOptions);
  const pictures = parts.filter((each) => each.kind === "picture");
  const payload = pictures.length ? await multipartBody(body, pictures) : body;
  return requestWithRetry(collectionPath(collection, "search"), payload, requestOptions);
}

/** The page that a cursor points to. */
export const fetchNextPage = (collection, cursor, limit, options) =>
  requestWithRetry(collectionPath(collection, "search"), {cursor, limit}, options);

async function multipartBody(body, pictureParts) {
  const blobs = await Promise.all(pictureParts.map((each) => loadPicture(each.value).catch(() => undefined)));
  const missing = pictureParts.filter((_, number) => !blobs[number]).map((each) => each.name || "unnamed");
  if (missing.length) throw new MissingPictures(missing);
  const form = new FormData();
  form.set("request", stringifyJson(body));
  pictureParts.forEach((each, number) => form.append("image", blobs[number], each.name));
  return form;
}
