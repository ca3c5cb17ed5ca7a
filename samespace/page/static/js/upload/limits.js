// The server's limits, checked before anything is sent.
import {request} from "../lib/api.js";
import {formatBytes} from "../lib/format.js";
import {signal} from "../lib/html.js";
import {setModalities} from "../lib/modalities.js";

/** The names of what is supported; empty until the server says it. */
export const supported = signal("");

let pendingLimits = null;

/** The limits of the server, fetched once; they bring the rows of the modalities. */
export function loadLimits() {
  pendingLimits ??= request("GET", "/v1/limits").then(keepLimits).catch((problem) => {
    pendingLimits = null;
    throw problem;
  });
  return pendingLimits;
}

/** The same; null if they cannot be fetched. */
export const fetchLimits = () => loadLimits().catch(() => null);

function keepLimits(limits) {
  supported.value = (limits.formats ?? []).map((format) => format.name).join(", ");
  setModalities(limits);
  return limits;
}

/** Why a file would be refused, or null. */
export function refusalReason(file, limits) {
  if (!file.size) return "it is empty";
  if (!limits) return null;
  if (file.size > limits.max_file_bytes) return `it has ${formatBytes(file.size)}, more than the limit of ${formatBytes(limits.max_file_bytes)}`;
  if (isUnsupported(file, limits.media_types)) return `${file.type} is not supported`;
  return null;
}

/** Browsers guess the type from the name; `.ts` is more often TypeScript than a video. */
const isUnsupported = (file, accepted) =>
  /^(audio|video|font)\//.test(file.type) && !accepted.includes(file.type) && !/\.ts$/i.test(file.name);
