// A request that tells how much of it has gone, which fetch does not.
import {MEANT} from "../lib/api.js";

/** {answer, abort}: the answer is {status, body, retryAfter}, status 0 where there was none, "aborted" where it was called off. */
export function post(path, body, onSent) {
  const request = new XMLHttpRequest();
  request.open("POST", path);
  request.responseType = "json";
  for (const [name, value] of Object.entries(MEANT)) request.setRequestHeader(name, value);
  if (!(body instanceof FormData)) request.setRequestHeader("Content-Type", "application/json");
  request.upload.onprogress = (event) => onSent(event.loaded);
  const answer = new Promise((resolve) => {
    request.onload = () => resolve({
      status: request.status, body: request.response, retryAfter: Number(request.getResponseHeader("Retry-After")),
    });
    request.onerror = () => resolve({status: 0});
    request.onabort = () => resolve({status: "aborted"});
  });
  request.send(body);
  return {answer, abort: () => request.abort()};
}
