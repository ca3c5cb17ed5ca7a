// The ranking of a query: loading, caching and paging its results.
import {signal, useEffect, useMemo, useRef, useState} from "../lib/html.js";
import {refreshCollections} from "../state/collections.js";
import {fetchFirstPage, fetchNextPage} from "./request.js";
import {savedPosition} from "./scroll-position.js";

const PAGE_SIZE = 24;
const CACHE_SIZE = 10;

/** The latest rankings by query: going back to one needs no request. */
const cache = new Map();

/** {results, loadMore, retry} of a query: a signal, and functions to load the next page or all of it again. */
export function useRanking(collection, parts, options) {
  const key = JSON.stringify([collection, parts, options]);
  const [attempt, setAttempt] = useState(0);
  const previous = useRef(null);
  const ranking = useMemo(() => {
    const cached = attempt === previous.current?.attempt && savedPosition() && cache.get(key);
    return cached || createRanking(key, collection, parts, options, previous.current?.results.peek());
  }, [key, attempt]);
  previous.current = {...ranking, attempt};
  useEffect(() => {
    ranking.loadFirst();
    return ranking.stop;
  }, [ranking]);
  return {...ranking, retry: () => setAttempt(attempt + 1)};
}

/** `results` is a signal of {collection, state, answer, pages, problem}, where `state` is idle, loading, loaded or failed,
 * `answer` the latest response and `pages` the hits; of the next page {hasMore, isLoadingMore, moreProblem}; `pendingRetry`
 * {seconds, problem} while a request is being delayed. */
function createRanking(key, collection, parts, options, previousResults) {
  const results = signal(initialResults(collection, parts, previousResults));
  const change = (update) => { results.value = {...results.peek(), ...update}; };
  const {run, abort} = createRunner(change);

  function loadFirst() {
    if (results.peek().state !== "loading") return;
    const limit = Math.max(PAGE_SIZE, savedPosition()?.shownCount ?? 0);
    run(
      async (requestOptions) => {
        const answer = await fetchFirstPage(collection, parts, {...options, limit}, requestOptions);
        cacheRanking(key, ranking);
        return {state: "loaded", answer, pages: [answer.hits], hasMore: answer.hits.length < answer.total};
      },
      (problem) => ({state: "failed", problem}),
    );
  }

  function loadMore() {
    const current = results.peek();
    if (current.state !== "loaded" || current.isLoadingMore || !current.hasMore) return;
    change({isLoadingMore: true, moreProblem: null});
    run(
      async (requestOptions) => ({isLoadingMore: false, ...(await fetchNext(current, {collection, parts, options}, requestOptions))}),
      (moreProblem) => ({isLoadingMore: false, moreProblem}),
    );
  }

  function stop() {
    abort();
    change({isLoadingMore: false, pendingRetry: null});
  }

  const ranking = {results, loadFirst, loadMore, stop};
  return ranking;
}

/** While it loads, the hits of the previous query stay, if they are of the same collection. */
function initialResults(collection, parts, previous) {
  const isKept = previous?.collection === collection && parts.length;
  return {collection, state: parts.length ? "loading" : "idle", pages: isKept ? previous.pages : [], answer: isKept ? previous.answer : null};
}

/** Runs one task at a time; `change` gets what it resolves to, or `onFailure(problem)`, unless it was aborted. */
function createRunner(change) {
  let latest = new AbortController();
  async function run(task, onFailure) {
    const controller = latest = new AbortController();
    const requestOptions = {abort: controller.signal, onRetry: (pendingRetry) => change({pendingRetry})};
    try {
      const update = await task(requestOptions);
      if (!controller.signal.aborted) change({pendingRetry: null, ...update});
    } catch (problem) {
      if (problem.status === 404) refreshCollections().catch(() => {});
      if (!controller.signal.aborted) change({pendingRetry: null, ...onFailure(problem)});
    }
  }
  return {run, abort: () => latest.abort()};
}

function cacheRanking(key, ranking) {
  cache.delete(key);
  cache.set(key, ranking);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value);
}

/** The changes to `results` by the next page.
 *
 * A cursor pages through the ranking as it was made. Once it has expired, the query is ranked again and hits that are
 * not shown yet come next: none twice, none left out. Without a cursor, as when the server could store none, paging is
 * by offset.
 */
async function fetchNext({answer, pages}, {collection, parts, options}, requestOptions) {
  const shown = new Set(pages.flat().map((hit) => hit.id));
  const rankAgain = (offset) => fetchFirstPage(collection, parts, {...options, limit: PAGE_SIZE, offset}, requestOptions);
  let response = answer.cursor ? await fetchAtCursor(collection, answer.cursor, requestOptions) : await rankAgain(shown.size);
  response ??= await rankAgain(0);
  let newHits = response.hits.filter((hit) => !shown.has(hit.id));
  while (!newHits.length && response.cursor) {
    response = await fetchNextPage(collection, response.cursor, PAGE_SIZE, requestOptions);
    newHits = response.hits.filter((hit) => !shown.has(hit.id));
  }
  const hasMoreByOffset = answer.cursor ? false : newHits.length > 0 && shown.size + newHits.length < response.total;
  return {answer: {...answer, ...response}, pages: [...pages, newHits], hasMore: Boolean(response.cursor) || hasMoreByOffset};
}

/** The page at a cursor; null if it has expired. */
async function fetchAtCursor(collection, cursor, requestOptions) {
  try {
    return await fetchNextPage(collection, cursor, PAGE_SIZE, requestOptions);
  } catch (problem) {
    if (problem.status === 422) return null;
    throw problem;
  }
}
