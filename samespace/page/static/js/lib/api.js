// The HTTP API: answers as objects, errors as `Problem`.
import {readExact, writeExact} from "./json.js";
import {signal} from "./html.js";
import {heard, lost} from "./connectivity.js";

/** Whether a key has to be given before anything else. */
export const locked = signal(false);

/** With what the page says that it means a change: no page of another site can send it. */
export const MEANT = {"X-Samespace-Page": "1"};

/** An error of the API as RFC 9457 has it. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || `the server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? "unknown";
    this.retryAfter = body?.retryAfter;
  }
}

/** Ask the API; a body that is no form is sent as JSON. */
export async function ask(method, path, body, abort) {
  const isForm = body instanceof FormData;
  let response;
  try {
    response = await fetch(path, {
      method,
      signal: abort,
      headers: {...MEANT, ...(body && !isForm ? {"Content-Type": "application/json"} : {})},
      body: body && !isForm ? writeExact(body) : body,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    lost();
    throw new Problem(0, {detail: "the server does not answer", code: "unreachable"});
  }
  heard();
  const found = await response.text().then(readExact).catch((error) => {
    if (error.name === "AbortError") throw error;  // called off while the body came in: there is nobody to answer
    return null;
  });
  if (response.ok) return found;
  throw problemOf(response.status, found, response.headers.get("Retry-After"));
}

/** The error of a status and body; 401 shows the sign-in. */
export function problemOf(status, body, retryAfter) {
  if (status === 401) locked.value = true;
  return new Problem(status, {...body, retryAfter: Number(retryAfter) || undefined});
}

const part = encodeURIComponent;

/** The path of a collection, or of something in it. */
export const inCollection = (name, ...rest) => ["/v1/collections", part(name), ...rest.map(part)].join("/");

/** Where the picture of a document is had within 320 ("small") or 1280 pixels ("large"); kept for good by the browser. */
export const thumbnailOf = (collection, {id, content_hash: version}, size) =>
  `${inCollection(collection, "documents", id, "thumbnail")}?${new URLSearchParams({size, v: version})}`;
