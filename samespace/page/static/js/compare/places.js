// Where results stand on both sides, and which side is shown on the left.
import {randomHex} from "../lib/hex.js";

/** By item id its place, from 1. */
const placesOf = (hits) => new Map(hits.map((hit, number) => [hit.id, number + 1]));

/** For each of these hits how many places higher it stands than on the other side; null if it is not there. */
export function movementOf(hits, otherHits) {
  const places = placesOf(otherHits);
  return hits.map((hit, number) => (places.has(hit.id) ? places.get(hit.id) - (number + 1) : null));
}

/** How many of the hits both sides have. */
export const countCommon = (hits, otherHits) => movementOf(hits, otherHits).filter((each) => each !== null).length;

/** The sides from left to right: as they are, or in an order that chance gives. */
export const orderSides = (isBlind) => (isBlind && parseInt(randomHex(2), 16) % 2 ? ["other", "live"] : ["live", "other"]);
