// The map of a collection: fetched, or made first.
import {inCollection, problemOf} from "../lib/api.js";
import {readPoints} from "./points.js";

/** The points of the map; null where none was made yet, which is no error and shall not be logged as one. */
export async function loadPoints(collection, abort) {
  const response = await fetch(`${inCollection(collection, "map")}?or_none=true`, {signal: abort});
  if (response.status === 204) return null;
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return readPoints(await response.arrayBuffer());
}
