// Client of the HTTP API: JSON in and out, errors as `Problem`.
import {markReachable, markUnreachable} from "./connectivity.js";
import {signal} from "./html.js";
import {parseJson, stringifyJson} from "./json.js";

/** Whether the API wants a key first. */
export const signInRequired = signal(false);

/** Proof against request forgery: a page of another site cannot set this header. */
export const CSRF_HEADERS = {"X-Samespace-Page": "1"};

/** An error of the API (RFC 9457 problem details); status 0 if there was no response. */
class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || `the server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? "unknown";
    this.retryAfter = body?.retryAfter;
  }
}

/** Send a request and parse the response; any body but FormData is sent as JSON. Throws `Problem`. */
export async function request(method, path, body, abort) {
  const isForm = body instanceof FormData;
  let response;
  try {
    response = await fetch(path, {
      method,
      signal: abort,
      headers: {...CSRF_HEADERS, ...(body && !isForm ? {"Content-Type": "application/json"} : {})},
      body: body && !isForm ? stringifyJson(body) : body,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    markUnreachable();
    throw new Problem(0, {detail: "the server does not answer", code: "unreachable"});
  }
  markReachable();
  const data = await response.text().then(parseJson).catch((error) => {
    if (error.name === "AbortError") throw error;  // aborted while the body was being read
    return null;
  });
  if (response.ok) return data;
  throw toProblem(response.status, data, response.headers.get("Retry-After"));
}

/** The error for a response; 401 leads to the sign-in. */
export function toProblem(status, body, retryAfter) {
  if (status === 401) signInRequired.value = true;
  return new Problem(status, {...body, retryAfter: Number(retryAfter) || undefined});
}

const encode = encodeURIComponent;

/** The path of a collection, or of a resource in it. */
export const collectionPath = (name, ...rest) => ["/v1/collections", encode(name), ...rest.map(encode)].join("/");

/** The original file of a document. */
export const contentPath = (collection, id) => collectionPath(collection, "documents", id, "content");

/** The thumbnail of a document, at most 320 ("small") or 1280 pixels ("large") wide; versioned, so that browsers cache it for good. */
export const thumbnailPath = (collection, {id, content_hash: version}, size) =>
  `${collectionPath(collection, "documents", id, "thumbnail")}?${new URLSearchParams({size, v: version})}`;
