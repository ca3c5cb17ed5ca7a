"""Search: one query to ranked hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from samespace.core.errors import Unavailable
from samespace.core.settings import Settings
from samespace.core.together import beside
from samespace.core.types import TEXT, Modality
from samespace.store.filters import Filter
from samespace.store.records import Collection, LiveDocument
from search.answer import Answer
from search.area import resolve_areas
from search.by_words import ask_by_words
from search.candidates import Candidates, ask_index, documents_of, keep_answerable
from search.cursor import Cursors, Ranking
from search.documents import live_of
from search.embed import QueryVector, embed_parts
from search.filtering import check_rows
from search.parts import ItemPart, Query, TextPart, check_query
from search.rank import Ballot, merge
from search.searcher import Searcher
from search.stretch import Fetch, fetch_rows, knowing, take
from search.trace import Trace
from search.truncation import cut_warnings
from search.verdict import LOOKED_AT, is_match, line_of, words_of


def search(query: Query, collection: Collection, searcher: Searcher) -> Answer:
    """The items nearest to the query, of all its spaces and modalities in one ranking.

    Raises InvalidRequest, NotFound (an item part), Unsupported (a part no space takes),
    FingerprintMismatch, and Unavailable where no space answers (with some left, `missing` names the others) or where
    the filter has to wait for rows of an older release.
    """
    query = _checked(query, collection, searcher)
    trace = Trace()
    vectors = embed_parts(query.parts, collection, searcher, trace)
    asked = ask_index(query, vectors, searcher, trace)
    asked += ask_by_words(query, collection, searcher, trace)
    ranked = _rank(query, asked, collection, searcher, trace)
    stretch = take(
        ranked.keys,
        ranked.ballots,
        start=query.offset,
        limit=query.limit,
        fetch=ranked.fetch,
        live_of=lambda _: ranked.live,
        trace=trace,
    )
    ranking = Ranking(
        collection.id,
        _is_no_good_match(query, ranked, searcher.settings),
        _is_truncated(query, ranked, searcher.settings),
        ranked.ballots,
        ranked.keys,
        tuple(trace.gaps),
    )
    return Answer(
        hits=tuple(stretch.hits),
        total=len(ranking.keys),
        truncated=ranking.truncated,
        no_good_match=ranking.no_good_match,
        cursor=_keep(ranking, stretch.end, searcher.cursors),
        missing=tuple(trace.gaps),
        warnings=_warnings(query, vectors),
        took=trace.took(),
    )


def similar(
    key: str,
    collection: Collection,
    searcher: Searcher,
    *,
    where: Filter | None = None,
    modalities: frozenset[Modality] | None = None,
    limit: int = 10,
    offset: int = 0,
) -> Answer:
    """The items nearest to a stored one, itself left out; raises what `search` raises."""
    itself = frozenset({key})
    query = Query((ItemPart(key),), where, modalities, limit, offset, leave_out=itself)
    return search(query, collection, searcher)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The lists of a query as they were asked for, as the records let them stand, and the one ranking of them."""

    asked: Sequence[Candidates]
    lists: Sequence[Candidates]
    ballots: Sequence[Ballot]
    keys: Sequence[str]
    live: Mapping[str, LiveDocument]
    fetch: Fetch


def _checked(query: Query, collection: Collection, searcher: Searcher) -> Query:
    """The query, if it makes sense, with the areas of its filter resolved."""
    check_query(query, searcher.settings)
    if query.where is None:
        return query
    check_rows(query.where, collection)
    return replace(query, where=resolve_areas(query.where, collection, searcher.records))


def _rank(
    query: Query,
    asked: Sequence[Candidates],
    collection: Collection,
    searcher: Searcher,
    trace: Trace,
) -> _Ranked:
    ballots = [each.ballot() for each in asked]
    fetch: Fetch = partial(
        fetch_rows, ballots=ballots, collection=collection, index=searcher.index, trace=trace
    )
    along = {row.item.key: row for each in reversed(asked) for row in each.rows}
    # Further down than one list's depth, items that no list reached would be missing.
    depth = searcher.settings.candidates
    keys = merge(ballots, depth)
    # Nearly always all of it is live, so what will be shown is fetched while the records are asked.
    early = [key for key in _shown(query, keys) if key not in along]
    fetched = beside(partial(fetch, early)) if early else dict
    live = live_of(searcher.records, documents_of(asked))
    fetch = knowing(fetch, [*early, *along], along | fetched())
    lists = [keep_answerable(each, live, query.leave_out) for each in asked]
    if lists != asked:
        ballots = [each.ballot() for each in lists]
        keys = merge(ballots, depth)
    return _Ranked(asked, lists, ballots, keys, live, fetch)


def _shown(query: Query, ranked: Sequence[str]) -> list[str]:
    """What is shown of a ranking if all of it is live."""
    keys = [key for key in ranked if key not in query.leave_out]
    return keys[query.offset : query.offset + query.limit]


def _is_truncated(query: Query, ranked: _Ranked, settings: Settings) -> bool:
    """Whether more may fit than was ranked."""
    depth = settings.candidates + len(query.leave_out)
    is_full = any(len(each.scored) >= depth for each in ranked.asked)
    known = {one.key for each in ranked.lists for one in each.scored}
    return is_full or len(ranked.keys) < len(known)


def _is_no_good_match(query: Query, ranked: _Ranked, settings: Settings) -> bool:
    """Whether no list holds a match; said only of questions in words, and not where a small list comes first."""
    if not ranked.keys:
        return True
    words = words_of(query)
    best = ranked.keys[0]
    first = [each for each in ranked.lists if best in (one.key for one in each.scored)]
    if not words or not all(each.calibration.is_sound and each.chance for each in first):
        return False
    return not any(
        _holds_match(each, words, ranked.fetch, settings.good_match) for each in ranked.lists
    )


def _holds_match(candidates: Candidates, words: Sequence[str], fetch: Fetch, line: float) -> bool:
    if candidates.chance is None or not candidates.scored:
        return False
    stands_out = candidates.chance.stands_out(candidates.scored[0].score)
    line = line_of(candidates.modality, line)
    # The cosine settles most questions, and no text has to be looked at.
    best = [] if stands_out >= line else [one.key for one in candidates.scored[:LOOKED_AT]]
    return is_match(stands_out, words, [row.item.text for row in fetch(best).values()], line)


def _keep(ranking: Ranking, end: int, cursors: Cursors) -> str | None:
    """A cursor to the next stretch; none at the end, and none while nothing can be kept."""
    if end >= len(ranking.keys):
        return None
    try:
        return cursors.keep(ranking).cursor(end)
    except Unavailable:
        return None


def _warnings(query: Query, vectors: Sequence[QueryVector]) -> tuple[str, ...]:
    """Which words are longer than a space reads."""
    texts = [part.text for part in query.parts if isinstance(part, TextPart)]
    return tuple(
        warning
        for each in vectors
        if TEXT in each.space.record.modalities
        for warning in cut_warnings(
            texts, each.space.encoder.space.query_prompt, each.space.encoder
        )
    )
