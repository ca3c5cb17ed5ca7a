"""What is noted of the documents of an index."""

from collections.abc import Sequence

from samespace.core.types import Modality
from samespace.operations.verify.place import Place
from samespace.operations.verify.report import Kind


def check_notes(place: Place, modalities: Sequence[Modality]) -> None:
    """A live index is noted to hold every document that answers searches, in the transaction that makes it live."""
    if not place.is_live:
        return
    run, index = place.run, place.space
    records = run.services.records
    unnoted = records.holdings.unnoted(place.collection.id, index.id)
    for some in run.batches(unnoted, "notes"):
        if run.repair:
            records.indexes.note(index.id, modalities, dict(some))
        place.note(Kind.UNNOTED, [id for id, _ in some], len(some) if run.repair else 0)
