"""The index in memory: exact search by one matrix product, under the same contract tests as the others."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from samespace.core.errors import NotFound
from samespace.core.types import Modality, Nearest, Row, Scored, Vectors
from samespace.store.filters import Filter, matches
from samespace.store.rows import SCHEMA_VERSION, check_vectors, storable


@dataclass(slots=True)
class _Table:
    dim: int
    schema: int
    rows: dict[str, Row] = field(default_factory=dict)
    vectors: dict[str, Vectors] = field(default_factory=dict)

    def stack(self, keys: Sequence[str]) -> Vectors:
        """Vectors of these keys, (len(keys), dim)."""
        found = [self.vectors[key] for key in keys]
        return np.stack(found) if found else np.zeros((0, self.dim), np.float32)

    def keys(self, where: Filter | None, modality: Modality | None) -> list[str]:
        """Keys of the rows that fit, in order."""
        return sorted(
            key
            for key, row in self.rows.items()
            if (modality is None or row.item.modality == modality)
            and (where is None or matches(where, row))
        )


class MemoryIndex:
    """`Index` over dictionaries and numpy."""

    def __init__(self) -> None:
        self.schema = SCHEMA_VERSION
        self._tables: dict[str, _Table] = {}
        self._lock = threading.RLock()

    def create(self, name: str, dim: int) -> None:
        with self._lock:
            self._tables.setdefault(name, _Table(dim, self.schema))

    def drop(self, name: str) -> None:
        with self._lock:
            self._tables.pop(name, None)

    def upsert(self, name: str, rows: Sequence[Row], vectors: Vectors) -> None:
        with self._lock:
            table = self._table(name)
            checked = check_vectors(rows, vectors, table.dim)
            for row, vector in zip(rows, checked, strict=True):
                table.rows[row.item.key] = storable(row)
                table.vectors[row.item.key] = vector.copy()

    def delete(
        self,
        name: str,
        document_ids: Sequence[str],
        *,
        above: int | None = None,
        below: int | None = None,
    ) -> None:
        documents = set(document_ids)
        with self._lock:
            table = self._table(name)
            for key, row in list(table.rows.items()):
                is_newer = above is None or row.generation > above
                is_older = below is None or row.generation < below
                if row.item.document_id in documents and is_newer and is_older:
                    del table.rows[key], table.vectors[key]

    def remove(self, name: str, keys: Sequence[str]) -> None:
        with self._lock:
            table = self._table(name)
            for key in keys:
                table.rows.pop(key, None)
                table.vectors.pop(key, None)

    def search(
        self,
        name: str,
        vectors: Vectors,
        modality: Modality,
        limit: int,
        where: Filter | None = None,
    ) -> list[list[Scored]]:
        """See Index; exact."""
        with self._lock:
            table = self._table(name)
            keys = table.keys(where, modality)
            rows, kept = [table.rows[key] for key in keys], table.stack(keys)
        scores = np.asarray(vectors, dtype=np.float32) @ kept.T
        best = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
        return [
            [_scored(rows[column], float(line[column])) for column in columns]
            for line, columns in zip(scores, best, strict=True)
        ]

    def nearest(
        self,
        name: str,
        vector: Vectors,
        modalities: Sequence[Modality],
        limit: int,
        *,
        where: Filter | None = None,
        shown: int = 0,
    ) -> list[Nearest]:
        """See Index; no rows come along, as on a server."""
        del shown
        return [
            Nearest(self.search(name, vector[None], modality, limit, where)[0])
            for modality in modalities
        ]

    def get(self, name: str, keys: Sequence[str]) -> tuple[list[Row], Vectors]:
        with self._lock:
            table = self._table(name)
            found = [key for key in keys if key in table.rows]
            return [table.rows[key] for key in found], table.stack(found)

    def rows(self, name: str, keys: Sequence[str]) -> list[Row]:
        with self._lock:
            table = self._table(name)
            return [table.rows[key] for key in keys if key in table.rows]

    def scan(
        self,
        name: str,
        where: Filter | None = None,
        modality: Modality | None = None,
        batch: int = 1000,
    ) -> Iterator[tuple[list[Row], Vectors]]:
        with self._lock:
            keys = self._table(name).keys(where, modality)
        for start in range(0, len(keys), batch):
            yield self.get(name, keys[start : start + batch])

    def sample(self, name: str, modality: Modality, size: int) -> Vectors:
        with self._lock:
            table = self._table(name)
            return table.stack(table.keys(None, modality)[:size])

    def count(
        self, name: str, where: Filter | None = None, modality: Modality | None = None
    ) -> int:
        with self._lock:
            return len(self._table(name).keys(where, modality))

    def exists(self, name: str) -> bool:
        return name in self._tables

    def is_current(self, name: str) -> bool:
        with self._lock:
            return name in self._tables and self._tables[name].schema == self.schema

    def dim(self, name: str) -> int:
        return self._table(name).dim

    def ping(self) -> None:
        """See Index; always there."""

    def _table(self, name: str) -> _Table:
        table = self._tables.get(name)
        if table is None:
            raise NotFound(f"no collection {name} in the index")
        return table


def _scored(row: Row, score: float) -> Scored:
    return Scored(row.item.key, row.item.document_id, row.generation, score)
