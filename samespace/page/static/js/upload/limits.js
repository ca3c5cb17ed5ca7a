// What the server does not take in, as far as that can be told before it is sent.
import {ask} from "../lib/api.js";
import {bytes} from "../lib/format.js";

let asked = null;

/** The limits of the server; null while it does not say. */
export function limits() {
  asked ??= ask("GET", "/v1/limits").catch(() => { asked = null; return null; });
  return asked;
}

/** Why a file would be refused, or null. */
export function refusalOf(file, known) {
  if (!file.size) return "it is empty";
  if (!known) return null;
  if (file.size > known.max_file_bytes) return `it has ${bytes(file.size)}, the largest file taken has ${bytes(known.max_file_bytes)}`;
  if (isForeign(file, known.media_types)) return `${file.type} is not taken in`;
  return null;
}

/** Kinds come from names here; `.ts` is TypeScript more often than it is a film. */
const isForeign = (file, taken) =>
  /^(audio|video|font)\//.test(file.type) && !taken.includes(file.type) && !/\.ts$/i.test(file.name);
