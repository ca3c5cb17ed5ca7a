// What a query has found so far, and how its list goes on.
import {askFirst, askFurther} from "./request.js";
import {refreshCollections} from "../state/collections.js";
import {signal, useEffect, useMemo, useRef, useState} from "../lib/html.js";
import {placeOf} from "./scroll-position.js";

const STRETCH = 24;
const MOST_KEPT = 10;

/** The last rankings by their query: going back to one asks for nothing. */
const kept = new Map();

/** The ranking of these parts: its signal `found`, `more` for the next stretch, `again` to ask anew. */
export function useRanking(collection, parts, wanted) {
  const key = JSON.stringify([collection, parts, wanted]);
  const [round, again] = useState(0);
  const last = useRef(null);
  const ranking = useMemo(() => {
    const known = round === last.current?.round && placeOf() && kept.get(key);
    return known || openRanking(key, collection, parts, wanted, last.current?.found.peek());
  }, [key, round]);
  last.current = {...ranking, round};
  useEffect(() => {
    ranking.begin();
    return ranking.stop;
  }, [ranking]);
  return {...ranking, again: () => again(round + 1)};
}

/** `found` holds the `state` (idle, asking, answered, failed), the newest `answer`, `stretches` of hits, `problem`;
 * of the list's end `isGoing`, `hasMore` and `furtherProblem`; `waiting` while a busy server is left alone. */
function openRanking(key, collection, parts, wanted, before) {
  const isSame = before?.collection === collection && parts.length;
  const found = signal({
    collection, state: parts.length ? "asking" : "idle", stretches: isSame ? before.stretches : [], answer: isSame ? before.answer : null,
  });
  const change = (update) => { found.value = {...found.peek(), ...update}; };
  let abort = new AbortController();

  async function run(work, failed) {
    const mine = abort = new AbortController();
    const ask = {abort: mine.signal, onWait: (waiting) => change({waiting})};
    try {
      const update = await work(ask);
      if (!mine.signal.aborted) change({waiting: null, ...update});
    } catch (problem) {
      if (problem.status === 404) refreshCollections().catch(() => {});
      if (!mine.signal.aborted) change({waiting: null, ...failed(problem)});
    }
  }

  function begin() {
    if (found.peek().state !== "asking") return;
    const limit = Math.max(STRETCH, placeOf()?.shown ?? 0);
    run(
      async (ask) => {
        const answer = await askFirst(collection, parts, {...wanted, limit}, ask);
        keep(key, ranking);
        return {state: "answered", answer, stretches: [answer.hits], hasMore: answer.hits.length < answer.total};
      },
      (problem) => ({state: "failed", problem}),
    );
  }

  function more() {
    const now = found.peek();
    if (now.state !== "answered" || now.isGoing || !now.hasMore) return;
    change({isGoing: true, furtherProblem: null});
    run(
      async (ask) => ({isGoing: false, ...(await goOn(now, {collection, parts, wanted}, ask))}),
      (furtherProblem) => ({isGoing: false, furtherProblem}),
    );
  }

  function stop() {
    abort.abort();
    change({isGoing: false, waiting: null});
  }

  const ranking = {found, begin, more, stop};
  return ranking;
}

function keep(key, ranking) {
  kept.delete(key);
  kept.set(key, ranking);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
}

/** What changes with the next stretch.
 *
 * A cursor leads on through the ranking as it was made. Once it has expired the query is ranked anew, and what the
 * new ranking has that is not shown comes next: nothing twice, nothing left out. Without a cursor, as when the server
 * could keep none, the list goes on by offset.
 */
async function goOn({answer, stretches}, {collection, parts, wanted}, ask) {
  const shown = new Set(stretches.flat().map((hit) => hit.id));
  const anew = (offset) => askFirst(collection, parts, {...wanted, limit: STRETCH, offset}, ask);
  let next = answer.cursor ? await followCursor(collection, answer.cursor, ask) : await anew(shown.size);
  next ??= await anew(0);
  let fresh = next.hits.filter((hit) => !shown.has(hit.id));
  while (!fresh.length && next.cursor) {
    next = await askFurther(collection, next.cursor, STRETCH, ask);
    fresh = next.hits.filter((hit) => !shown.has(hit.id));
  }
  const rest = answer.cursor ? false : fresh.length > 0 && shown.size + fresh.length < next.total;
  return {answer: {...answer, ...next}, stretches: [...stretches, fresh], hasMore: Boolean(next.cursor) || rest};
}

/** The stretch at a cursor, null if it has expired. */
async function followCursor(collection, cursor, ask) {
  try {
    return await askFurther(collection, cursor, STRETCH, ask);
  } catch (problem) {
    if (problem.status === 422) return null;
    throw problem;
  }
}
