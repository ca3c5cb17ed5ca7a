"""Going on with a ranking that was made before."""

from collections.abc import Mapping, Sequence

from samespace.core.settings import Settings
from samespace.core.types import Row
from samespace.store.index import Index
from samespace.store.records import Collection, Records
from search.answer import Answer, Hit, make_hits
from search.cursor import Cursors
from search.documents import is_live, live_documents
from search.parts import check_limit
from search.rank import Ranked, explain
from search.trace import Trace


def continue_search(
    cursor: str,
    *,
    collection: Collection,
    records: Records,
    index: Index,
    cursors: Cursors,
    settings: Settings,
    limit: int = 10,
) -> Answer:
    """The next stretch of a ranking that was made before, whatever has been added since.

    Items whose document was deleted or replaced meanwhile are passed over, and those that only a space that
    does not answer now could show; `missing` names it, and the spaces that took no part in the ranking.
    InvalidRequest for a cursor that has expired or is none of this collection's, Unavailable where nothing
    answers.
    """
    check_limit(limit, settings)
    trace = Trace()
    bookmark = cursors.find(cursor, collection.id)
    ranking = bookmark.ranking
    hits: list[Hit] = []
    position = bookmark.position
    while len(hits) < limit and position < len(ranking.keys):
        keys = ranking.keys[position : position + limit - len(hits)]
        stretch = explain(keys, ranking.ballots)
        position += len(stretch)
        with trace.indexing():
            rows = _fetch(stretch, collection, index, trace)
        hits += _live_hits(stretch, rows, records)
    trace.require(hits)
    return Answer(
        hits=tuple(hits),
        total=len(ranking.keys),
        truncated=ranking.truncated,
        no_good_match=ranking.no_good_match,
        cursor=bookmark.cursor(position) if position < len(ranking.keys) else None,
        missing=tuple({gap.space: gap for gap in [*trace.gaps, *ranking.missing]}.values()),
        warnings=(),
        took=trace.took(),
    )


def _fetch(
    stretch: Sequence[Ranked], collection: Collection, index: Index, trace: Trace
) -> dict[str, Row]:
    """The index rows of these items, each from the first space that ranked it and answers."""
    rows: dict[str, Row] = {}
    for record in collection.spaces:
        keys = [
            each.key
            for each in stretch
            if each.key not in rows and any(part.space == record.name for part in each.parts)
        ]
        if keys and not trace.misses(record.name):
            with trace.within(record.name):
                rows |= {row.item.key: row for row in index.get(record.index_name, keys)[0]}
    return rows


def _live_hits(stretch: Sequence[Ranked], rows: Mapping[str, Row], records: Records) -> list[Hit]:
    live = live_documents(records, rows.values())
    found = [each for each in stretch if each.key in rows and is_live(rows[each.key], live)]
    return make_hits(found, rows, live)
