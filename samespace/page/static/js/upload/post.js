// POST by XMLHttpRequest, which reports upload progress; fetch does not.
import {CSRF_HEADERS} from "../lib/api.js";

/** {response, abort}: a promise of {status, body, retryAfter}; status is 0 on a network error, "aborted" after `abort`. */
export function postWithProgress(path, body, onProgress) {
  const request = new XMLHttpRequest();
  request.open("POST", path);
  request.responseType = "json";
  for (const [name, value] of Object.entries(CSRF_HEADERS)) request.setRequestHeader(name, value);
  if (!(body instanceof FormData)) request.setRequestHeader("Content-Type", "application/json");
  request.upload.onprogress = (event) => onProgress(event.loaded);
  const response = new Promise((resolve) => {
    request.onload = () => resolve({
      status: request.status, body: request.response, retryAfter: Number(request.getResponseHeader("Retry-After")),
    });
    request.onerror = () => resolve({status: 0});
    request.onabort = () => resolve({status: "aborted"});
  });
  request.send(body);
  return {response, abort: () => request.abort()};
}
