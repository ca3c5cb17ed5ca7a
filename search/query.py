"""Search: one query to ranked hits."""

from collections.abc import Sequence
from dataclasses import replace

from samespace.core.errors import Unavailable
from samespace.core.settings import Settings
from samespace.core.types import Modality
from samespace.store.filters import Filter
from samespace.store.index import Index
from samespace.store.records import Collection, Records
from search.answer import Answer, make_hits
from search.area import resolve_areas
from search.background import Backgrounds
from search.candidates import Candidates, ask_index, keep_answerable, rows_of
from search.cursor import Cursors, Ranking
from search.cut import cut_warnings
from search.documents import live_documents
from search.embed import QueryVector, embed_parts
from search.filtering import check_rows
from search.parts import EVERYTHING, ItemPart, Query, TextPart, check_query
from search.rank import explain, merge
from search.spaces import SpaceEncoders
from search.trace import Gap, Trace
from search.verdict import is_match, line_of, words_of


def search(
    query: Query,
    *,
    collection: Collection,
    records: Records,
    index: Index,
    encoders: SpaceEncoders,
    backgrounds: Backgrounds,
    cursors: Cursors,
    settings: Settings,
) -> Answer:
    """The items nearest to the query, of all its spaces and modalities in one ranking.

    Raises InvalidRequest, NotFound (an item part), Unsupported (a part no space takes),
    FingerprintMismatch, and Unavailable where no space answers (with some left, `missing` names the others) or where
    the filter has to wait for rows of an older release.
    """
    check_query(query, settings)
    if query.where is not None:
        check_rows(query.where, collection)
        query = replace(query, where=resolve_areas(query.where, collection, records))
    trace = Trace()
    vectors = embed_parts(
        query.parts,
        collection=collection,
        records=records,
        index=index,
        encoders=encoders,
        trace=trace,
    )
    asked = ask_index(
        query,
        vectors,
        depth=settings.candidates,
        index=index,
        backgrounds=backgrounds,
        trace=trace,
    )
    live = live_documents(records, rows_of(asked))
    lists = [keep_answerable(each, live, query.leave_out) for each in asked]
    is_full = any(len(each.scored) >= settings.candidates + len(query.leave_out) for each in asked)
    ranking = _rank(query, lists, collection, trace.gaps, settings, is_full=is_full)
    keys = ranking.keys[query.offset : query.offset + query.limit]
    rows = {row.item.key: row for row in rows_of(lists)}
    return Answer(
        hits=tuple(make_hits(explain(keys, ranking.ballots), rows, live)),
        total=len(ranking.keys),
        truncated=ranking.truncated,
        no_good_match=ranking.no_good_match,
        cursor=_keep(ranking, query.offset + len(keys), cursors),
        missing=tuple(trace.gaps),
        warnings=_warnings(query, vectors),
        took=trace.took(),
    )


def similar(
    key: str,
    *,
    collection: Collection,
    records: Records,
    index: Index,
    encoders: SpaceEncoders,
    backgrounds: Backgrounds,
    cursors: Cursors,
    settings: Settings,
    where: Filter | None = None,
    modalities: frozenset[Modality] = EVERYTHING,
    limit: int = 10,
    offset: int = 0,
) -> Answer:
    """The items nearest to a stored one, itself left out; raises what `search` raises."""
    return search(
        Query((ItemPart(key),), where, modalities, limit, offset, leave_out=frozenset({key})),
        collection=collection,
        records=records,
        index=index,
        encoders=encoders,
        backgrounds=backgrounds,
        cursors=cursors,
        settings=settings,
    )


def _rank(
    query: Query,
    lists: Sequence[Candidates],
    collection: Collection,
    gaps: Sequence[Gap],
    settings: Settings,
    *,
    is_full: bool,
) -> Ranking:
    # Further down than one list's depth, items that no list reached would be missing.
    ballots = [candidates.ballot() for candidates in lists]
    keys = merge(ballots, settings.candidates)
    no_good_match = _is_no_good_match(query, keys, lists, settings)
    truncated = is_full or len(keys) < len({key for ballot in ballots for key in ballot.keys})
    return Ranking(collection.id, no_good_match, truncated, ballots, keys, tuple(gaps))


def _is_no_good_match(
    query: Query, keys: Sequence[str], lists: Sequence[Candidates], settings: Settings
) -> bool:
    """Whether no list holds a match; said only of questions in words, and not where a small list comes first."""
    if not keys:
        return True
    words = words_of(query)
    first = [each for each in lists if keys[0] in (one.row.item.key for one in each.scored)]
    if not words or not all(each.calibration.is_sound and each.chance for each in first):
        return False
    return not any(_holds_match(each, words, settings.good_match) for each in lists)


def _holds_match(candidates: Candidates, words: Sequence[str], line: float) -> bool:
    if candidates.chance is None or not candidates.scored:
        return False
    best = candidates.scored[0]
    stands_out = candidates.chance.stands_out(best.score)
    line = line_of(best.row.item.modality, line)
    texts = [one.row.item.text for one in candidates.scored]
    return is_match(stands_out, words, texts, line)


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
        if Modality.TEXT in each.space.record.modalities
        for warning in cut_warnings(
            texts, each.space.encoder.space.query_prompt, each.space.encoder
        )
    )
