"""What each side of a comparison costs: time of an answer, vectors a second, room."""

import io
import logging
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from samespace.core.content import Content, of_texts
from samespace.core.errors import NotFound
from samespace.core.modalities import has_preview
from samespace.core.types import IMAGE, TEXT, Modality
from samespace.services import Services
from samespace.store.blobs import Size, thumbnail
from samespace.store.records import Collection, IndexRecord
from search.compare import sample_questions
from search.compare_pace import (
    TRIED,
    Latency,
    Tried,
    fresh_words,
    time_sides,
    vectors_a_second,
)
from search.searcher import Searcher
from search.sides import Held, Side, Sides
from workers.kinds.comparison import ComparedIndex, ComparedSide

log = logging.getLogger(__name__)

_FLOAT_BYTES = 4


def costs_of(
    sides: Sides,
    held: Held,
    services: Services,
    searcher: Searcher,
    *,
    mark: str,
    go_on: Callable[[], bool],
) -> tuple[ComparedSide, ComparedSide]:
    """Both sides with what they cost; `mark` makes questions that nobody asked before."""
    collection = sides.live.asked
    passages = _passages(collection, held, services)
    tried: Tried = {TEXT: of_texts(passages), IMAGE: _pictures(collection, services)}
    latency = time_sides(fresh_words(passages, mark), sides, searcher, go_on)
    paces = vectors_a_second(sides, tried, searcher)
    live, other = (
        _side(side, took, pace, services)
        for side, took, pace in zip(sides, latency, paces, strict=True)
    )
    return live, other


def _side(
    side: Side,
    latency: Latency | None,
    pace: Mapping[Modality, float],
    services: Services,
) -> ComparedSide:
    return ComparedSide(
        name=side.name,
        key=side.key,
        role=str(side.role),
        indexes=[_index(one, services) for one in side.indexes],
        p50_ms=None if latency is None else latency.p50_ms,
        p95_ms=None if latency is None else latency.p95_ms,
        timed=0 if latency is None else latency.questions,
        vectors_per_second={str(modality): each for modality, each in pace.items()},
    )


def _index(record: IndexRecord, services: Services) -> ComparedIndex:
    items = services.index.count(record.index_name)
    return ComparedIndex(
        id=record.id,
        name=record.name,
        model=record.space.model,
        fingerprint=record.fingerprint,
        dim=record.dim,
        modalities=[str(modality) for modality in record.modalities],
        items=items,
        bytes=items * record.dim * _FLOAT_BYTES,
    )


def _passages(collection: Collection, held: Held, services: Services) -> list[str]:
    """Some passages of the collection, always the same."""
    asked = sample_questions(collection.id, TEXT, TRIED, records=services.records, held=held)
    keys = [one.id for one in asked]
    texts: dict[str, str] = {}
    for record in collection.spaces:
        if TEXT in record.modalities and keys:
            rows = services.index.rows(record.index_name, keys)
            texts |= {row.item.key: row.item.text for row in rows}
    return [texts[key] for key in keys if texts.get(key, "").strip()]


def _pictures(collection: Collection, services: Services) -> list[Content]:
    """Some pictures of the collection as they are shown large: of this project's own making, so that they are opened
    here."""
    documents = services.records.documents.page(collection.id, limit=10 * TRIED)
    shown = [one for one in documents if one.live_hash and has_preview(one.media_type)]
    pictures = []
    for one in shown[:TRIED]:
        try:
            webp = services.blobs.get(thumbnail(str(one.live_hash), Size.LARGE))
        except NotFound:
            continue
        with Image.open(io.BytesIO(webp)) as opened:
            rgb = np.asarray(opened.convert("RGB"))
        pictures.append(Content.of_picture(str(one.live_hash), rgb))
    return pictures
