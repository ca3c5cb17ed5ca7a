"""What classification keeps between one label set and the next: the items of a collection, and the vectors of labels.

To read 10,000 items out of Milvus Lite takes seconds; to classify them once they are here, a fraction of one.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from samespace.core.asker import check_asker
from samespace.core.types import Modality, Row, Vectors
from samespace.store.index import Index
from samespace.store.records import Collection, Records
from samespace.store.records.holdings import LiveStamp
from search.documents import is_live, live_documents
from search.labels import LabelSet, encode_labels, prompts_of
from search.spaces import SpaceEncoder

BATCH = 1000
_MOST_BYTES = 128 * 1024 * 1024
_MOST_LABELS = 5000
# Prompts encoded at a time: some seconds' work on a slow machine.
_PROMPTS = 500
# What a row takes beside its text and its vector, about.
_ROW_BYTES = 1000

Batch = tuple[list[Row], Vectors]


@dataclass(frozen=True, slots=True)
class _Scan:
    stamp: LiveStamp
    batches: Sequence[Batch]
    size: int


class Scans:
    """What was read of collections, kept while their documents are the same; any thread may ask.

    At most `most_bytes` are kept, of those asked for last; a collection that is larger is read each time.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, Modality], _Scan] = OrderedDict()

    def read(
        self,
        index_name: str,
        modality: Modality,
        *,
        collection: Collection,
        records: Records,
        index: Index,
    ) -> Iterator[Batch]:
        """The live rows of a modality with their vectors, in batches; Unavailable."""
        stamp = records.holdings.live_stamp(collection.id)
        known = self._find((index_name, modality), stamp)
        if known is not None:
            yield from known.batches
            return
        batches: list[Batch] = []
        size = count = 0
        for rows, vectors in index.scan(index_name, modality=modality, batch=BATCH):
            batch = _only_live(rows, vectors, records)
            yield batch
            count += len(batch[0])
            size += _size_of(batch)
            if size <= self._most_bytes:
                batches.append(batch)
        # An index that is being made anew lacks rows.
        if size <= self._most_bytes and count == stamp.items.get(modality, 0):
            self._keep((index_name, modality), _Scan(stamp, batches, size))

    def _find(self, key: tuple[str, Modality], stamp: LiveStamp) -> _Scan | None:
        with self._lock:
            known = self._kept.get(key)
            if known is None or known.stamp != stamp:
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
            return known

    def _keep(self, key: tuple[str, Modality], scan: _Scan) -> None:
        with self._lock:
            self._kept[key] = scan
            while sum(each.size for each in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)


class LabelVectors:
    """The vectors of labels, so that of a changed label set only what is new is encoded; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def get(
        self,
        label_set: LabelSet,
        modality: Modality,
        encoder: SpaceEncoder,
        *,
        interactive: bool = False,
        on_some: Callable[[], None] = check_asker,
    ) -> Vectors:
        """What `encode_labels` answers: a unit vector for each label, (labels, dim); Unavailable.

        They are encoded some at a time, and each time kept: who breaks off, as `on_some` may by an error in between,
        finds at the next call what was done.
        """
        ones = [replace(label_set, labels=(label,)) for label in label_set.labels]
        keys = [_key(encoder, prompts_of(one, modality)) for one in ones]
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
        self._keep(found)
        new = [at for at, key in enumerate(keys) if key not in found]
        stretches = _parted(new, [len(prompts_of(ones[at], modality)) for at in new])
        for number, some in enumerate(stretches):
            if number:
                on_some()
            wanted = replace(label_set, labels=tuple(label_set.labels[at] for at in some))
            vectors = encode_labels(wanted, modality, encoder, interactive=interactive)
            fresh = {keys[at]: vector for at, vector in zip(some, vectors, strict=True)}
            self._keep(fresh)
            found |= fresh
        return np.stack([found[key] for key in keys])

    def _keep(self, found: dict[bytes, NDArray[np.float32]]) -> None:
        with self._lock:
            for key, vector in found.items():
                self._kept[key] = vector
                self._kept.move_to_end(key)
            while len(self._kept) > _MOST_LABELS:
                self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Caches:
    """Both, for a process."""

    scans: Scans = field(default_factory=Scans)
    labels: LabelVectors = field(default_factory=LabelVectors)


def _key(encoder: SpaceEncoder, prompts: Sequence[str]) -> bytes:
    """A hash, since prompts may be long and many."""
    named = [encoder.fingerprint, encoder.space.name, *prompts]
    return sha256(json.dumps(named).encode()).digest()


def _parted(places: Sequence[int], prompts: Sequence[int]) -> Iterator[list[int]]:
    """Places of labels in stretches of about _PROMPTS prompts, a label never parted."""
    stretch: list[int] = []
    size = 0
    for at, count in zip(places, prompts, strict=True):
        stretch.append(at)
        size += count
        if size >= _PROMPTS:
            yield stretch
            stretch, size = [], 0
    if stretch:
        yield stretch


def _only_live(rows: Sequence[Row], vectors: Vectors, records: Records) -> Batch:
    live = live_documents(records, rows)
    mine = [i for i, row in enumerate(rows) if is_live(row, live)]
    return [rows[i] for i in mine], vectors[mine]


def _size_of(batch: Batch) -> int:
    rows, vectors = batch
    return vectors.nbytes + sum(len(row.item.text) + _ROW_BYTES for row in rows)
