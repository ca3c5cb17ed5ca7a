"""What another model would cost a collection, told before anything is built: by a trial on some of its items."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from ingest.again import piece_of, read_again, rows_again
from ingest.change_model import plan_change
from samespace.core.content import Content
from samespace.core.errors import BadVector, InvalidRequest, Unreadable
from samespace.core.modalities import row_of
from samespace.core.progress import Progress, Report, unwatched
from samespace.core.types import Modality, Row
from samespace.encoders.contents import as_passage
from samespace.encoders.opening import open_encoder
from samespace.registry.resolve import called
from samespace.services import Services
from samespace.store.records import Collection, LiveItem, ModelRecord
from samespace.store.rows import check_vectors

TRIED = 64
_AT_ONCE = 5000
# Writing a row and noting its document, on a slow machine; only what is encoded is measured.
_WRITE_SECONDS = 0.001
# A vector stands in the index and in the cache; a row has its text and its columns beside it, about.
_ROW_BYTES = 600
_FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change would cost: items to be written, those of them to be encoded, seconds, bytes on disk; and items of
    those tried that the model would cut."""

    items: int
    to_encode: int
    seconds: float
    bytes: int
    tried: int
    models: tuple[str, ...]
    dims: tuple[int, ...]


def try_change(
    collection: Collection,
    name: str,
    space: str | None,
    services: Services,
    *,
    on_progress: Report = unwatched,
) -> Cost | None:
    """Encode some items by the new model and say what all of them would cost; None where `on_progress` stopped it.

    Raises what `plan_change` raises, and InvalidRequest where the model makes no vectors of what the collection holds.
    """
    added, _ = plan_change(collection, name, space, services)
    total = items = to_encode = tried = 0
    seconds, size = 0.0, 0
    for one in added:
        if not on_progress(Progress(total, 0, f"trying {one.model.space.name}")):
            return None
        some, counts, missing = _survey(collection, one.model, services)
        paces = _paces(some, collection, one.model, services)
        number = sum(counts.values())
        items += number
        to_encode += sum(missing.values())
        tried += len(some)
        seconds += number * _WRITE_SECONDS
        seconds += sum(missing[modality] * paces.get(modality, 0.0) for modality in missing)
        size += _size(number, sum(missing.values()), one.model)
    models = tuple(called([one.model.space for one in added], services.records))
    dims = tuple(one.model.space.dim for one in added)
    return Cost(items, to_encode, seconds, size, tried, models, dims)


def _survey(
    collection: Collection, model: ModelRecord, services: Services
) -> tuple[list[LiveItem], dict[Modality, int], dict[Modality, int]]:
    """Some items of each modality in proportion, how many there are, and of how many the cache knows no vector."""
    counts: dict[Modality, int] = {}
    missing: dict[Modality, int] = {}
    some: dict[Modality, list[LiveItem]] = {}
    for modality in sorted(model.space.modalities):
        items = services.records.holdings.live_items(collection.id, [modality])
        with closing(items):
            while page := list(islice(items, _AT_ONCE)):
                known = services.vectors.known(
                    model.fingerprint, [one.content_hash for one in page]
                )
                fresh = sum(one.content_hash not in known for one in page)
                counts[modality] = counts.get(modality, 0) + len(page)
                missing[modality] = missing.get(modality, 0) + fresh
                # Keys are hashes: the first are any.
                some.setdefault(modality, page[:TRIED])
    total = sum(counts.values())
    shares = {one: max(1, round(TRIED * counts[one] / total)) for one in counts}
    return [item for one, items in some.items() for item in items[: shares[one]]], counts, missing


def _paces(
    items: Sequence[LiveItem], collection: Collection, model: ModelRecord, services: Services
) -> Mapping[Modality, float]:
    """Seconds that an item of each modality takes, reading included."""
    encoder = open_encoder(model.space, model.fingerprint, services.encoders)
    docs = services.records.documents.many(list({item.document_id for item in items}))
    rows = rows_again(items, collection, docs, services).rows
    paces: dict[Modality, float] = {}
    for modality in {row.item.modality for row in rows}:
        mine = [row for row in rows if row.item.modality == modality]
        began = time.monotonic()
        there = [row for row in mine if not row_of(modality).is_decoded]
        contents = [piece_of(row).content for row in there]
        if row_of(modality).is_decoded:
            there, contents = _decoded(mine, collection, services)
        if not there:
            continue
        vectors = encoder.encode([as_passage(each, encoder.space) for each in contents])
        try:
            check_vectors(there, vectors, model.space.dim)
        except BadVector as error:
            raise InvalidRequest(f"model {model.space.model!r} cannot be used: {error}") from error
        paces[modality] = (time.monotonic() - began) / len(there)
    return paces


def _decoded(
    rows: Sequence[Row], collection: Collection, services: Services
) -> tuple[list[Row], list[Content]]:
    docs = services.records.documents.many(list({row.item.document_id for row in rows}))
    there: dict[tuple[str, str], Content] = {}
    for id, got in read_again(rows, docs, services):
        if not isinstance(got, str):
            there.update({(id, content_hash): one for content_hash, one in got.items()})
    if not there:
        raise Unreadable(f"no picture of collection {collection.name!r} can be read again")
    known = [row for row in rows if (row.item.document_id, row.item.content_hash) in there]
    return known, [there[row.item.document_id, row.item.content_hash] for row in known]


def _size(items: int, to_encode: int, model: ModelRecord) -> int:
    vector = model.space.dim * _FLOAT_BYTES
    return items * (vector + _ROW_BYTES) + to_encode * vector
