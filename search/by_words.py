"""Indexes without a model: they are asked by the words of a question, not by its vector."""

from samespace.store.index_kinds import kind_of
from samespace.store.records import Collection, IndexRecord
from search.background import Calibration
from search.candidates import Candidates
from search.parts import Query, TextPart
from search.searcher import Searcher
from search.trace import Trace


def ask_by_words(
    query: Query, collection: Collection, searcher: Searcher, trace: Trace
) -> list[Candidates]:
    """The best of every wanted modality of each live index that has no model, as many as are ranked; one that does not
    answer is left out and named."""
    wanted = [text for text in query.parts if isinstance(text, TextPart) and text.weight > 0]
    lists: list[Candidates] = []
    for record in collection.live if wanted else ():
        if record.model is None:
            with trace.within(record.name), trace.indexing():
                lists += _ask(query, wanted, record, searcher)
    return lists


def _ask(
    query: Query, wanted: list[TextPart], record: IndexRecord, searcher: Searcher
) -> list[Candidates]:
    kind = kind_of(record, searcher.records, searcher.index)
    limit = searcher.settings.candidates + len(query.leave_out)
    words = " ".join(part.text for part in wanted)
    share = sum(part.weight for part in wanted) / sum(abs(part.weight) for part in query.parts)
    lists = []
    for modality in query.wanted(kind.takes(record)):
        found = kind.ask(record, words, modality, limit, query.where)
        scale = Calibration(found.mean, found.spread, found.size)
        lists.append(Candidates(record.name, modality, scale, share, found.scored))
    return lists
