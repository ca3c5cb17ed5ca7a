"""The kind of index whose rows are vectors of a model: a Milvus collection of its own, under the name of its row."""

from collections.abc import Sequence
from typing import ClassVar, NoReturn

from samespace.core.errors import Unsupported
from samespace.core.types import Modality, Row, Vectors
from samespace.store.index import Index
from samespace.store.records import IndexRecord, Records


class DenseKind:
    """See `samespace.store.index_kinds.IndexKind`; `search` asks it through `Index`, by vectors."""

    in_new_collections: ClassVar[bool] = False

    def __init__(self, records: Records, store: Index) -> None:
        del records
        self._store = store

    def takes(self, index: IndexRecord) -> Sequence[Modality]:
        """What its model takes."""
        return index.modalities

    def create(self, index: IndexRecord) -> None:
        """Make the collection."""
        self._store.create(index.index_name, index.dim)

    def drop(self, index: IndexRecord) -> None:
        """Remove the collection."""
        self._store.drop(index.index_name)

    def is_current(self, index: IndexRecord) -> bool:
        """Whether the collection is there, with the columns of this release."""
        return self._store.is_current(index.index_name)

    def write(self, index: IndexRecord, rows: Sequence[Row], vectors: Vectors) -> None:
        """Upsert the rows with their vectors; BadVector."""
        self._store.upsert(index.index_name, rows, vectors)

    def delete(
        self,
        index: IndexRecord,
        document_ids: Sequence[str],
        *,
        above: int | None = None,
        below: int | None = None,
    ) -> None:
        """Delete rows of documents, by generation."""
        self._store.delete(index.index_name, document_ids, above=above, below=below)

    def has(self, index: IndexRecord, keys: Sequence[str]) -> set[str]:
        """Those of these keys that have a row."""
        return {row.item.key for row in self._store.rows(index.index_name, keys)}

    def ask(self, index: IndexRecord, *_: object) -> NoReturn:
        """Unsupported: it is asked by vectors."""
        raise Unsupported(f"index {index.index_name!r} is asked by vectors, not by words")
