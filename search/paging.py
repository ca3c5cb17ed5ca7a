"""Going on with a ranking that was made before."""

from functools import partial

from samespace.store.records import Collection
from search.answer import Answer
from search.documents import live_documents
from search.parts import check_limit
from search.searcher import Searcher
from search.stretch import fetch_rows, take
from search.trace import Trace


def continue_search(
    cursor: str, collection: Collection, searcher: Searcher, *, limit: int = 10
) -> Answer:
    """The next stretch of a ranking that was made before, whatever has been added since.

    Items whose document was deleted or replaced meanwhile are passed over, and those that only a space that
    does not answer now could show; `missing` names it, and the spaces that took no part in the ranking.
    InvalidRequest for a cursor that has expired or is none of this collection's, Unavailable where nothing
    answers.
    """
    check_limit(limit, searcher.settings)
    trace = Trace()
    bookmark = searcher.cursors.find(cursor, collection.id)
    ranking = bookmark.ranking
    stretch = take(
        ranking.keys,
        ranking.ballots,
        start=bookmark.position,
        limit=limit,
        fetch=partial(
            fetch_rows,
            ballots=ranking.ballots,
            collection=collection,
            index=searcher.index,
            trace=trace,
        ),
        live_of=partial(live_documents, searcher.records),
        trace=trace,
    )
    return Answer(
        hits=tuple(stretch.hits),
        total=len(ranking.keys),
        truncated=ranking.truncated,
        no_good_match=ranking.no_good_match,
        cursor=bookmark.cursor(stretch.end) if stretch.end < len(ranking.keys) else None,
        missing=tuple({gap.space: gap for gap in [*trace.gaps, *ranking.missing]}.values()),
        warnings=(),
        took=trace.took(),
    )
