"""What the index answers: for each (space, modality) its nearest items, with the query's calibration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from samespace.core.types import Modality, Nearest, Row, Scored
from samespace.store.records import LiveDocument
from search.background import Calibration, calibrate_query
from search.documents import shows
from search.embed import QueryVector
from search.parts import Query
from search.rank import Ballot
from search.searcher import Searcher
from search.trace import Trace
from search.verdict import LOOKED_AT, Chance, chance_of

_MOST_ALONG = 50


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one (space, modality) answered, best first; `share` is the part of the query's weight the space took.

    `chance` is what its best would score if it held no answer; None where that cannot be told. `rows` are those of its
    first, as far as they came along.
    """

    space: str
    modality: Modality
    calibration: Calibration
    share: float
    scored: Sequence[Scored]
    chance: Chance | None = None
    rows: Sequence[Row] = ()

    def ballot(self) -> Ballot:
        """What it says of the order of the items, without the items themselves."""
        return Ballot(
            self.space,
            self.calibration,
            self.share,
            keys=[one.key for one in self.scored],
            cosines=[one.score for one in self.scored],
        )


def ask_index(
    query: Query,
    vectors: Sequence[QueryVector],
    searcher: Searcher,
    trace: Trace,
) -> list[Candidates]:
    """The nearest of every wanted (space, modality), as many as are ranked; Unavailable where no space answers."""
    lists: list[Candidates] = []
    limit = searcher.settings.candidates + len(query.leave_out)
    for each in vectors:
        record = each.space.record
        with trace.within(record.name), trace.indexing():
            wanted = query.wanted(record.modalities)
            found = searcher.index.nearest(
                record.index_name,
                each.vector,
                wanted,
                limit,
                where=query.where,
                shown=_looked_at(query),
            )
            lists += [
                _candidates(modality, one, query, each, limit, searcher)
                for modality, one in zip(wanted, found, strict=True)
            ]
    trace.require(lists)
    return lists


def keep_answerable(
    candidates: Candidates, live: Mapping[str, LiveDocument], leave_out: frozenset[str]
) -> Candidates:
    """Without what the records do not show as live, and what the query leaves out; the same if that is nothing."""
    scored = [
        one
        for one in candidates.scored
        if one.key not in leave_out and shows(live, one.document_id, one.generation)
    ]
    is_whole = len(scored) == len(candidates.scored)
    return candidates if is_whole else replace(candidates, scored=scored)


def documents_of(lists: Sequence[Candidates]) -> list[str]:
    """The document of every row of the lists, as often as it comes."""
    return [one.document_id for candidates in lists for one in candidates.scored]


def _looked_at(query: Query) -> int:
    """Of how many of each list the rows are wanted: for what may be shown, and for its words; of many they are
    fetched afterwards, once it is known which."""
    return min(max(query.offset + query.limit, LOOKED_AT) + len(query.leave_out), _MOST_ALONG)


def _candidates(  # noqa: PLR0917
    modality: Modality,
    found: Nearest,
    query: Query,
    vector: QueryVector,
    limit: int,
    searcher: Searcher,
) -> Candidates:
    scored = found.scored
    # A list that ends before its depth and leaves nothing out holds all there is: nobody need count.
    is_whole = query.where is None and len(scored) < limit
    background = searcher.backgrounds.get(
        vector.space,
        modality,
        vector.modality,
        searcher.index,
        counted=len(scored) if is_whole else None,
    )
    return Candidates(
        space=vector.space.record.name,
        modality=modality,
        calibration=calibrate_query(vector.vector, background),
        share=vector.share,
        scored=scored,
        chance=chance_of(vector.vector, background, [one.score for one in scored], limit),
        rows=found.rows,
    )
