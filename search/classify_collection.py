"""Zero-shot classification of a whole collection: stored vectors are read, pixels and passages never."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import GivenUp, Unsupported
from samespace.core.modalities import MODALITIES
from samespace.core.progress import Progress, Report, unwatched
from samespace.core.settings import Settings
from samespace.core.types import Modality, Row
from samespace.store.index import Index
from samespace.store.records import Collection, LiveDocument, Records
from search.caches import Caches
from search.documents import is_live, live_documents, live_of
from search.labels import LabelSet, check_label_set
from search.spaces import OpenSpace, SpaceEncoders, open_space
from search.zeroshot import classify_vectors, space_record_for, threshold_of

_KINDS = ("best", "least_certain")
_NONE = "none_items"


def classify_collection(
    label_set: LabelSet,
    *,
    collection: Collection,
    records: Records,
    index: Index,
    encoders: SpaceEncoders,
    settings: Settings,
    modalities: Iterable[Modality] | None = None,
    best: int = 5,
    caches: Caches | None = None,
    on_progress: Report = unwatched,
) -> dict[str, Any]:
    """How many items each label has, and its `best` items, as JSON.

    {complete, total, none, none_items, labels: [{name, count, best, least_certain}], indexes, stale}, where items are
    {id, document_id, document_name, content_hash, media_type, modality, confidence, text, page}; `complete` is
    False where `on_progress` stopped it. `modalities` None: all. What `caches` holds is neither read nor encoded again;
    beyond it memory is bounded by a batch. Raises InvalidRequest for a bad label set, Unsupported where no space takes
    words and any of the wanted modalities, FingerprintMismatch and Unavailable.
    """
    check_label_set(label_set, settings)
    caches = caches or Caches()
    spaces = _open_spaces(modalities, collection, encoders)
    stamp = records.holdings.live_stamp(collection.id)
    total = sum(stamp.items.get(modality, 0) for modality in spaces)
    tally = Tally(label_set.names, best)

    def go_on() -> None:
        if not on_progress(Progress(tally.total, total)):
            raise GivenUp("the classification was called off")

    complete = False
    with suppress(GivenUp):
        go_on()
        for modality, space in spaces.items():
            labels = caches.labels.get(label_set, modality, space.encoder, on_some=go_on)
            threshold = threshold_of(label_set, space.encoder)
            for rows, vectors in caches.scans.read(
                space.record.index_name,
                modality,
                collection=collection,
                records=records,
                index=index,
            ):
                tally.add(rows, classify_vectors(vectors, labels, space.encoder), threshold)
                go_on()
        complete = True
    read = sorted({space.record.id for space in spaces.values()})
    return {"complete": complete, **tally.result(records), "indexes": read, "stale": False}


@dataclass(slots=True)
class Group:
    """The items of one label: how many, and those it is surest and least sure of, `most` of each."""

    most: int
    count: int = 0
    surest: list[tuple[float, str, Row]] = field(default_factory=list)
    unsurest: list[tuple[float, str, Row]] = field(default_factory=list)

    def add(self, confidence: float, row: Row) -> None:
        """One item more."""
        self.count += 1
        _keep(self.surest, (confidence, row.item.key, row), self.most)
        _keep(self.unsurest, (-confidence, row.item.key, row), self.most)

    @property
    def rows(self) -> list[Row]:
        """The rows that are shown."""
        return [row for _, _, row in (*self.surest, *self.unsurest)]


@dataclass(slots=True)
class Tally:
    """A group for each label and one for what is none of them, filled as rows go by."""

    names: tuple[str, ...]
    best: int
    total: int = 0
    groups: list[Group] = field(init=False)

    def __post_init__(self) -> None:
        self.groups = [Group(self.best) for _ in (*self.names, None)]

    def add(
        self, rows: Sequence[Row], probabilities: NDArray[np.float32], threshold: float
    ) -> None:
        """Count these rows, (n,), by their probabilities, (n, labels)."""
        self.total += len(rows)
        for row, scores in zip(rows, probabilities, strict=True):
            label = int(scores.argmax())
            is_none = scores[label] < threshold
            self.groups[-1 if is_none else label].add(float(scores[label]), row)

    def result(self, records: Records) -> dict[str, Any]:
        """The counts, the surest items and the least sure ones, as JSON."""
        live = live_documents(records, [row for group in self.groups for row in group.rows])
        *labels, none = self.groups
        return {
            "total": self.total,
            "none": none.count,
            "none_items": _shown(none.unsurest, live),
            "labels": [
                {
                    "name": name,
                    "count": group.count,
                    "best": _shown(group.surest, live),
                    "least_certain": _shown(group.unsurest, live),
                }
                for name, group in zip(self.names, labels, strict=True)
            ],
        }


def _keep(heap: list[tuple[float, str, Row]], entry: tuple[float, str, Row], most: int) -> None:
    heapq.heappush(heap, entry)
    if len(heap) > most:
        heapq.heappop(heap)


def _open_spaces(
    modalities: Iterable[Modality] | None, collection: Collection, encoders: SpaceEncoders
) -> dict[Modality, OpenSpace]:
    wanted = sorted(MODALITIES if modalities is None else set(modalities))
    records = {modality: space_record_for(modality, collection) for modality in wanted}
    spaces = {
        modality: open_space(record, encoders)
        for modality, record in records.items()
        if record is not None
    }
    if not spaces:
        raise Unsupported(
            f"no space of collection {collection.name!r} takes words and {' or '.join(wanted) or 'nothing'}"
        )
    return spaces


def _shown(
    heap: Sequence[tuple[float, str, Row]], live: Mapping[str, LiveDocument]
) -> list[dict[str, Any]]:
    """The items of a heap, the outermost first; of documents that have gone meanwhile none."""
    ordered = sorted(heap, key=lambda entry: (-entry[0], entry[1]))
    return [
        {
            "id": row.item.key,
            "document_id": row.item.document_id,
            "document_name": live[row.item.document_id].name,
            "content_hash": live[row.item.document_id].content_hash,
            "media_type": row.media_type,
            "modality": str(row.item.modality),
            "confidence": abs(confidence),
            "text": row.item.text,
            "page": row.item.place.page,
        }
        for confidence, _, row in ordered
        if is_live(row, live)
    ]


def only_there(result: Mapping[str, Any], records: Records) -> dict[str, Any]:
    """A result as it was kept, its items without those of documents that were deleted since; `stale` where the model
    by which they were sorted is not the one that searches ask by now."""
    lists = [
        result.get(_NONE, []),
        *(label.get(kind, []) for label in result["labels"] for kind in _KINDS),
    ]
    live = live_of(records, sorted({each["document_id"] for items in lists for each in items}))

    def still(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [each for each in items if each["document_id"] in live]

    labels = [
        {**label, **{kind: still(label.get(kind, [])) for kind in _KINDS}}
        for label in result["labels"]
    ]
    there = {**result, _NONE: still(result.get(_NONE, [])), "labels": labels}
    if "indexes" in result:  # a release before did not say
        there["stale"] = not records.indexes.are_live(result["indexes"])
    return there
