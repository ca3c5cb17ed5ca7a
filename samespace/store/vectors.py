"""The vector cache: vectors by encoder fingerprint and content hash; nothing is embedded twice.

Vectors are kept as little-endian float32 bytes in an SQL database, SQLite or PostgreSQL by URL.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Column,
    ColumnElement,
    Double,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    inspect,
    select,
    true,
    tuple_,
)
from sqlalchemy.schema import CreateTable

from samespace.core.batched import batched
from samespace.store.sql import insert_new, open_engine, reading, serialise, writing

Vector = NDArray[np.float32]

_LITTLE_FLOAT32 = np.dtype("<f4")
_MOST_PARAMETERS = 500

_metadata = MetaData()
_vectors = Table(
    "vectors",
    _metadata,
    Column("content_hash", String(64), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
    Column("precision", String(16), nullable=False),
    Column("created_at", Double, nullable=False),
)


@dataclass(frozen=True, slots=True)
class VectorKey:
    """Under what a vector is kept."""

    content_hash: str
    fingerprint: str


class VectorCache:
    """Single unit vectors, shape (dim,), float32, under (fingerprint, content hash)."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._insert_new = insert_new(_vectors, self._engine.dialect)
        make_table(self._engine)

    def get(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """The vectors that are there, by content hash."""
        found: dict[str, Vector] = {}
        with reading(self._engine) as connection:
            for some in batched(hashes, _MOST_PARAMETERS):
                query = select(_vectors.c.content_hash, _vectors.c.vector).where(
                    _vectors.c.content_hash.in_(some), _vectors.c.fingerprint == fingerprint
                )
                for content_hash, raw in connection.execute(query):
                    found[content_hash] = np.frombuffer(raw, _LITTLE_FLOAT32).astype(np.float32)
        return found

    def put(self, fingerprint: str, vectors: Mapping[str, Vector], precision: str) -> None:
        """Keep them, noting the precision they were computed in; present ones stay as they are."""
        now = time.time()
        rows = [
            {
                "content_hash": content_hash,
                "fingerprint": fingerprint,
                "vector": vector.astype(_LITTLE_FLOAT32).tobytes(),
                "precision": precision,
                "created_at": now,
            }
            for content_hash, vector in sorted(vectors.items())
        ]
        if rows:
            with writing(self._engine) as connection:
                connection.execute(self._insert_new, rows)

    def delete(self, hashes: Iterable[str]) -> None:
        """Forget these contents under every fingerprint."""
        self._delete(hashes, true())

    def drop(self, fingerprint: str, hashes: Iterable[str]) -> None:
        """Forget these contents under one fingerprint."""
        self._delete(hashes, _vectors.c.fingerprint == fingerprint)

    def _delete(self, hashes: Iterable[str], where: ColumnElement[bool]) -> None:
        with writing(self._engine) as connection:
            # Sorted, as `put` is: two writers on PostgreSQL could else wait for each other.
            for some in batched(sorted(hashes), _MOST_PARAMETERS):
                named = _vectors.c.content_hash.in_(some)
                connection.execute(delete(_vectors).where(named, where))

    def known(self, fingerprint: str, hashes: Sequence[str]) -> set[str]:
        """Those of these contents whose vectors are there."""
        found: set[str] = set()
        with reading(self._engine) as connection:
            for some in batched(hashes, _MOST_PARAMETERS):
                query = select(_vectors.c.content_hash).where(
                    _vectors.c.content_hash.in_(some), _vectors.c.fingerprint == fingerprint
                )
                found.update(connection.execute(query).scalars())
        return found

    def forget(self, fingerprint: str, most: int) -> int:
        """Forget vectors of one fingerprint, at most so many; answers how many."""
        some = select(_vectors.c.content_hash).where(_vectors.c.fingerprint == fingerprint)
        some = some.order_by(_vectors.c.content_hash).limit(most)
        which = (_vectors.c.fingerprint == fingerprint, _vectors.c.content_hash.in_(some))
        with writing(self._engine) as connection:
            return connection.execute(delete(_vectors).where(*which)).rowcount

    def pages(self, before: float, size: int = 1000) -> Iterator[list[VectorKey]]:
        """What was kept before a time (seconds since the epoch), in order of content and fingerprint, in pages."""
        last = ("", "")
        columns = (_vectors.c.content_hash, _vectors.c.fingerprint)
        query = select(*columns).where(_vectors.c.created_at < before)
        query = query.order_by(*columns).limit(size)
        while True:
            with reading(self._engine) as connection:
                page = connection.execute(query.where(tuple_(*columns) > tuple_(*last))).all()
            if not page:
                return
            yield [VectorKey(*row) for row in page]
            last = (page[-1][0], page[-1][1])

    def count(self, fingerprint: str | None = None) -> int:
        """How many are kept."""
        query = select(func.count()).select_from(_vectors)
        if fingerprint is not None:
            query = query.where(_vectors.c.fingerprint == fingerprint)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def make_table(engine: Engine) -> None:
    """Make the cache's table; nothing happens if it is there, and nobody who writes is waited for."""
    with reading(engine) as connection:
        if inspect(connection).has_table(_vectors.name):
            return
    with writing(engine) as connection:
        serialise(connection, "samespace.vectors")
        connection.execute(CreateTable(_vectors, if_not_exists=True))
