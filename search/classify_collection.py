"""Zero-shot classification of a whole collection: stored vectors are read, pixels and passages never."""

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import Unsupported
from samespace.core.settings import Settings
from samespace.core.types import Modality, Row, Vectors
from samespace.store.index import Index
from samespace.store.records import Collection, Records
from search.documents import is_live, live_documents, live_of
from search.labels import LabelSet, check_label_set, encode_labels
from search.spaces import OpenSpace, SpaceEncoders, open_space
from search.zeroshot import classify_vectors, space_record_for, threshold_of

_BATCH = 1000

Progress = Callable[[int, int], bool]
"""Called with (items done, items in all); False stops the work."""


def classify_collection(
    label_set: LabelSet,
    *,
    collection: Collection,
    records: Records,
    index: Index,
    encoders: SpaceEncoders,
    settings: Settings,
    modalities: Iterable[Modality] = tuple(Modality),
    best: int = 5,
    on_progress: Progress = lambda _done, _total: True,
) -> dict[str, Any]:
    """How many items each label has, and its `best` items, as JSON.

    {complete, total, none, labels: [{name, count, best: [{id, document_id, document_name, modality,
    confidence, text, page}]}]}; `complete` is False where `on_progress` stopped it. Memory stays bounded by
    a batch. Raises InvalidRequest for a bad label set, Unsupported where no space takes words and any of
    the wanted modalities, FingerprintMismatch and Unavailable.
    """
    check_label_set(label_set, settings)
    spaces = _open_spaces(modalities, collection, encoders)
    total = sum(index.count(s.record.index_name, modality=m) for m, s in spaces.items())
    tally = Tally(label_set.names, best)
    complete, done = on_progress(0, total), 0
    for modality, space in spaces.items():
        labels = encode_labels(label_set, modality, space.encoder, interactive=False)
        threshold = threshold_of(label_set, space.encoder)
        for rows, vectors in index.scan(space.record.index_name, modality=modality, batch=_BATCH):
            if not complete:
                break
            rows_live, vectors_live = _only_live(rows, vectors, records)
            tally.add(rows_live, classify_vectors(vectors_live, labels, space.encoder), threshold)
            done += len(rows)
            complete = on_progress(done, total)
    return {"complete": complete, **tally.result(records)}


@dataclass(slots=True)
class Tally:
    """Counts for each label and the best items of each, as rows go by."""

    names: tuple[str, ...]
    best: int
    total: int = 0
    none: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    heaps: dict[str, list[tuple[float, str, Row]]] = field(default_factory=dict)

    def add(
        self, rows: Sequence[Row], probabilities: NDArray[np.float32], threshold: float
    ) -> None:
        """Count these rows, (n,), by their probabilities, (n, labels)."""
        self.total += len(rows)
        for row, scores in zip(rows, probabilities, strict=True):
            label = int(scores.argmax())
            if scores[label] < threshold:
                self.none += 1
            else:
                self._count(self.names[label], float(scores[label]), row)

    def result(self, records: Records) -> dict[str, Any]:
        """The counts and the best items, best first, as JSON."""
        rows = [row for heap in self.heaps.values() for _, _, row in heap]
        live = live_documents(records, rows)
        labels = [
            {
                "name": name,
                "count": self.counts.get(name, 0),
                "best": [
                    _shown(confidence, row, live[row.item.document_id].name)
                    for confidence, _, row in sorted(self.heaps.get(name, []), key=_best_first)
                    if is_live(row, live)
                ],
            }
            for name in self.names
        ]
        return {"total": self.total, "none": self.none, "labels": labels}

    def _count(self, name: str, confidence: float, row: Row) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1
        heap = self.heaps.setdefault(name, [])
        heapq.heappush(heap, (confidence, row.item.key, row))
        if len(heap) > self.best:
            heapq.heappop(heap)


def _open_spaces(
    modalities: Iterable[Modality], collection: Collection, encoders: SpaceEncoders
) -> dict[Modality, OpenSpace]:
    wanted = sorted(set(modalities))
    records = {modality: space_record_for(modality, collection) for modality in wanted}
    spaces = {
        modality: open_space(record, collection, encoders)
        for modality, record in records.items()
        if record is not None
    }
    if not spaces:
        raise Unsupported(
            f"no space of collection {collection.name!r} takes words and {' or '.join(wanted) or 'nothing'}"
        )
    return spaces


def _only_live(
    rows: Sequence[Row], vectors: Vectors, records: Records
) -> tuple[list[Row], Vectors]:
    live = live_documents(records, rows)
    mine = [i for i, row in enumerate(rows) if is_live(row, live)]
    return [rows[i] for i in mine], vectors[mine]


def _best_first(entry: tuple[float, str, Row]) -> tuple[float, str]:
    return -entry[0], entry[1]


def _shown(confidence: float, row: Row, document_name: str) -> dict[str, Any]:
    return {
        "id": row.item.key,
        "document_id": row.item.document_id,
        "document_name": document_name,
        "modality": str(row.item.modality),
        "confidence": confidence,
        "text": row.item.text,
        "page": row.item.place.page,
    }


def only_there(result: Mapping[str, Any], records: Records) -> dict[str, Any]:
    """A result as it was kept, its best items without those of documents that were deleted since."""
    ids = {each["document_id"] for label in result["labels"] for each in label["best"]}
    live = live_of(records, sorted(ids))
    labels = [
        {**label, "best": [each for each in label["best"] if each["document_id"] in live]}
        for label in result["labels"]
    ]
    return {**result, "labels": labels}
