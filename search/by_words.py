"""Indexes without a model: they are asked by the words of a question, not by its vector."""

from samespace.store.index import Index
from samespace.store.index_kinds import kind_of
from samespace.store.records import Collection, IndexRecord, Records
from search.background import Calibration
from search.candidates import Candidates
from search.parts import Query, TextPart
from search.trace import Trace


def ask_by_words(
    query: Query,
    *,
    collection: Collection,
    records: Records,
    index: Index,
    depth: int,
    trace: Trace,
) -> list[Candidates]:
    """The best `depth` items of every wanted modality of each live index that has no model; one that does not answer
    is left out and named."""
    wanted = [text for text in query.parts if isinstance(text, TextPart) and text.weight > 0]
    lists: list[Candidates] = []
    for record in collection.live if wanted else ():
        if record.model is None:
            with trace.within(record.name), trace.indexing():
                lists += _ask(query, wanted, record, depth + len(query.leave_out), records, index)
    return lists


def _ask(  # noqa: PLR0917
    query: Query,
    wanted: list[TextPart],
    record: IndexRecord,
    depth: int,
    records: Records,
    index: Index,
) -> list[Candidates]:
    kind = kind_of(record, records, index)
    words = " ".join(part.text for part in wanted)
    share = sum(part.weight for part in wanted) / sum(abs(part.weight) for part in query.parts)
    lists = []
    for modality in sorted(query.modalities & set(kind.takes(record))):
        found = kind.ask(record, words, modality, depth, query.where)
        scale = Calibration(found.mean, found.spread, found.size)
        lists.append(Candidates(record.name, modality, scale, share, found.scored))
    return lists
