// Asking with patience: what is busy or away for a moment is asked again by itself.
import {ask, inCollection} from "../lib/api.js";
import {writeExact} from "../lib/json.js";
import {findPicture} from "./query-images.js";
import {searchBody} from "./query.js";

const PASSING = new Set([0, 429, 502, 503, 504]);
const MOST_TRIES = 6;
const LONGEST_PAUSE = 15;

/** Answers as `ask` does; `onWait` hears of each pause: its seconds and the problem. */
async function askPatiently(path, body, {abort, onWait}) {
  for (let tries = 0; ; tries++) {
    try {
      return await ask("POST", path, body, abort);
    } catch (problem) {
      if (!PASSING.has(problem.status) || tries === MOST_TRIES) throw problem;
      const seconds = Math.max(problem.retryAfter ?? 0, Math.min(2 ** tries, LONGEST_PAUSE));
      onWait({seconds, problem});
      await pause(seconds, abort);
      onWait(null);
    }
  }
}

function pause(seconds, abort) {
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(abort.reason); };
    const timer = setTimeout(() => { abort.removeEventListener("abort", stop); resolve(); }, 1000 * seconds);
    abort.addEventListener("abort", stop, {once: true});
  });
}

/** A picture of the query is not in this browser: it was dropped in another one, or long ago. */
export class MissingPictures extends Error {
  constructor(names) {
    super(`${names.length > 1 ? "Pictures" : "A picture"} of this query (${names.join(", ")}) ${names.length > 1 ? "are" : "is"} not in this browser. Pictures stay where they were dropped; a link does not carry them along.`);
    this.names = names;
  }
}

/** Ask for the first stretch of a ranking. */
export async function askFirst(collection, parts, wanted, options) {
  const body = searchBody(parts, wanted);
  const pictures = parts.filter((each) => each.kind === "picture");
  const sent = pictures.length ? await formOf(body, pictures) : body;
  return askPatiently(inCollection(collection, "search"), sent, options);
}

/** Ask for the stretch that a cursor leads to. */
export const askFurther = (collection, cursor, limit, options) =>
  askPatiently(inCollection(collection, "search"), {cursor, limit}, options);

async function formOf(body, pictures) {
  const blobs = await Promise.all(pictures.map((each) => findPicture(each.value).catch(() => undefined)));
  const missing = pictures.filter((_, number) => !blobs[number]).map((each) => each.name || "unnamed");
  if (missing.length) throw new MissingPictures(missing);
  const form = new FormData();
  form.set("request", writeExact(body));
  pictures.forEach((each, number) => form.append("image", blobs[number], each.name));
  return form;
}
