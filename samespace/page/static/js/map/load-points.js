// Fetches the map of a collection.
import {collectionPath, toProblem} from "../lib/api.js";
import {parsePoints} from "./points.js";

/** The points of the map; null if none was made yet (204, since browsers log a 404 as an error). */
export async function loadPoints(collection, abort) {
  const response = await fetch(`${collectionPath(collection, "map")}?or_none=true`, {signal: abort});
  if (response.status === 204) return null;
  if (!response.ok) throw toProblem(response.status, await response.json().catch(() => null));
  return parsePoints(await response.arrayBuffer());
}
