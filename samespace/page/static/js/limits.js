// What the server does not take in, as far as that can be told before it is sent.
import {ask} from "./api.js";
import {bytes} from "./figures.js";
import {signal} from "./html.js";

/** What is taken in, by the names that people use; empty until the server says it. */
export const taken = signal("");

let asked = null;

/** The limits of the server; null while it does not say. */
export function limits() {
  asked ??= ask("GET", "/v1/limits")
    .then((known) => { taken.value = (known.formats ?? []).map((format) => format.name).join(", "); return known; })
    .catch(() => { asked = null; return null; });
  return asked;
}

/** Whether a file is a picture, by its type or, where the browser knows none, by its suffix. */
export function isPicture(file, known) {
  const name = file.name.toLowerCase();
  const suffixes = (known?.formats ?? []).filter((format) => format.media_types[0].startsWith("image/")).flatMap((format) => format.suffixes);
  return file.type.startsWith("image/") || suffixes.some((suffix) => name.endsWith(suffix));
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
