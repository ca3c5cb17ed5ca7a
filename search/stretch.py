"""The shown part of a ranking: rows are fetched for what is looked at, not for all that was ranked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from samespace.core.types import Row
from samespace.store.index import Index
from samespace.store.records import Collection, LiveDocument
from search.answer import Hit, make_hits
from search.documents import is_live
from search.rank import Ballot, explain
from search.trace import Trace

Live = Callable[[Iterable[Row]], Mapping[str, LiveDocument]]
"""Answers which documents of these rows answer searches, by id."""
Fetch = Callable[[Sequence[str]], dict[str, Row]]
"""Answers the rows of these keys that are there, by key; `fetch_rows` with all but its keys."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some hits of a ranking, and where in it the next one follows."""

    hits: list[Hit]
    end: int


def knowing(fetch: Fetch, asked: Sequence[str], rows: Mapping[str, Row]) -> Fetch:
    """`fetch`, which need not ask again for keys whose rows, where there are any, came before."""

    def fetch_others(keys: Sequence[str]) -> dict[str, Row]:
        found = {key: rows[key] for key in keys if key in rows}
        others = [key for key in keys if key not in asked]
        return found | (fetch(others) if others else {})

    return fetch_others


def take(
    keys: Sequence[str],
    ballots: Sequence[Ballot],
    *,
    start: int,
    limit: int,
    fetch: Fetch,
    live_of: Live,
    trace: Trace,
) -> Stretch:
    """The next `limit` hits of a ranking from a place on.

    Items whose document was deleted or replaced meanwhile are passed over, and those that only a space that
    does not answer now could show; the trace names it. Unavailable where none could be shown for that reason.
    """
    hits: list[Hit] = []
    end = start
    while len(hits) < limit and end < len(keys):
        some = keys[end : end + limit - len(hits)]
        end += len(some)
        found = fetch(some)
        live = live_of(found.values())
        shown = [key for key in some if key in found and is_live(found[key], live)]
        hits += make_hits(explain(shown, ballots), found, live)
    trace.require(hits or end == start)
    return Stretch(hits, end)


def fetch_rows(
    keys: Sequence[str],
    ballots: Sequence[Ballot],
    *,
    collection: Collection,
    index: Index,
    trace: Trace,
) -> dict[str, Row]:
    """The index rows of these items, each from the first space that ranked it and answers; what an index without
    vectors ranked, from whichever has it."""
    rows: dict[str, Row] = {}
    spaces = {record.name for record in collection.spaces}
    by_words = {key for each in ballots if each.space not in spaces for key in each.keys}
    for record in collection.spaces:
        ranked = {key for each in ballots if each.space == record.name for key in each.keys}
        ranked |= by_words
        wanted = [key for key in keys if key in ranked and key not in rows]
        if wanted and not trace.misses(record.name):
            with trace.within(record.name), trace.indexing():
                rows |= {row.item.key: row for row in index.rows(record.index_name, wanted)}
    return rows
