"""The kinds of index there are: how one is made, filled and emptied, and how one without a model is asked.

Another kind is a file of its own and a line in KINDS; docs/extending.md shows one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from samespace.core.errors import Misconfigured
from samespace.core.types import Modality, Row, Scored, Vectors
from samespace.store.filters import Filter
from samespace.store.index import Index
from samespace.store.index_dense import DenseKind
from samespace.store.records import IndexRecord, Records
from samespace.store.records.indexes import DENSE


@dataclass(frozen=True, slots=True)
class Found:
    """What an index answers to words: rows best first, and what its scores are worth beside those of others.

    `mean` and `spread` (above 0) are those of what this question scores against its items in general, `size` says how
    many items stand behind them.
    """

    scored: Sequence[Scored]
    mean: float
    spread: float
    size: int


class IndexKind(Protocol):
    """One kind of index. Each read sees each write that has returned, and a write may come twice."""

    in_new_collections: ClassVar[bool]
    """Whether every new collection gets one; those that hold vectors come with the models of its preset."""

    def __init__(self, records: Records, store: Index) -> None: ...

    def takes(self, index: IndexRecord) -> Sequence[Modality]:
        """The modalities of the items that it holds."""

    def create(self, index: IndexRecord) -> None:
        """Make it, empty; nothing happens if it is there. Safe to race."""

    def drop(self, index: IndexRecord) -> None:
        """Remove it with all it holds; nothing happens if it is not there."""

    def is_current(self, index: IndexRecord) -> bool:
        """Whether it is there, as this release makes it."""

    def write(self, index: IndexRecord, rows: Sequence[Row], vectors: Vectors) -> None:
        """Put in rows by item key, replacing; `vectors` are those of its model, (n, 0) where it has none."""

    def delete(
        self,
        index: IndexRecord,
        document_ids: Sequence[str],
        *,
        above: int | None = None,
        below: int | None = None,
    ) -> None:
        """Take out all rows of the documents; with `above` only those of a newer generation, with `below` of an
        older."""

    def has(self, index: IndexRecord, keys: Sequence[str]) -> set[str]:
        """Those of these item keys that it holds."""

    def ask(
        self,
        index: IndexRecord,
        words: str,
        modality: Modality,
        limit: int,
        where: Filter | None,
    ) -> Found:
        """The `limit` rows of a modality that fit these words and the filter best; only kinds without a model are
        asked so, others are asked by vectors."""


KINDS: dict[str, type[IndexKind]] = {
    DENSE: DenseKind,
}


def kind_of(index: IndexRecord, records: Records, store: Index) -> IndexKind:
    """The kind of an index, over the stores of this process; Misconfigured if this installation does not know it."""
    if index.kind not in KINDS:
        raise Misconfigured(
            f"index {index.index_name!r} is of kind {index.kind!r}, which this installation does not know; "
            f"it knows {', '.join(sorted(KINDS))}"
        )
    return KINDS[index.kind](records, store)
