"""Queries that are kept to compare indexes by, and what people say of their answers, in the records."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import InvalidRequest, NotFound
from samespace.store.records.tables import documents, judgements, kept_queries, preferences
from samespace.store.sql import reading, serialise, writing

MOST_KEPT = 1000
"""Queries of one collection."""

Parts = Sequence[Mapping[str, Any]]
"""What is asked, as JSON: each part `text` or `item`, and its `weight`."""


@dataclass(frozen=True, slots=True)
class KeptQuery:
    """A query: its parts, the wanted modalities (None: all), and when it was kept, seconds since the epoch."""

    id: str
    parts: tuple[Mapping[str, Any], ...]
    targets: tuple[str, ...] | None
    kept_at: float


@dataclass(frozen=True, slots=True)
class Preference:
    """What somebody said of two answers to a query: `better` names the set of indexes, None: neither."""

    query_id: str
    better: str | None
    blind: bool


def id_of(collection_id: str, parts: Parts, targets: Sequence[str] | None) -> str:
    """The id of a query of a collection: the same for whoever asks the same."""
    said = [collection_id, [dict(part) for part in parts], targets and sorted(targets)]
    content = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:32]


class KeptQueries:
    """The kept queries of all collections, and the opinions of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(
        self, collection_id: str, parts: Parts, targets: Sequence[str] | None = None
    ) -> KeptQuery:
        """Keep a query; one that says the same is that one. InvalidRequest past MOST_KEPT."""
        id = id_of(collection_id, parts, targets)
        row = {
            "id": id,
            "collection_id": collection_id,
            "parts": [dict(part) for part in parts],
            "targets": None if targets is None else sorted(targets),
            "kept_at": time.time(),
        }
        mine = kept_queries.c.collection_id == collection_id
        known = select(kept_queries).where(kept_queries.c.id == id)
        count = select(func.count()).select_from(kept_queries).where(mine)
        with writing(self._engine) as connection:
            serialise(connection, f"kept queries {collection_id}")
            found = connection.execute(known).mappings().first()
            if found is not None:
                return _kept(found)
            if connection.execute(count).scalar_one() >= MOST_KEPT:
                raise InvalidRequest(
                    f"the collection keeps {MOST_KEPT:,} queries, which is the limit; remove some"
                )
            connection.execute(insert(kept_queries).values(row))
        return _kept(row)

    def all(self, collection_id: str) -> list[KeptQuery]:
        """Those of a collection, the oldest first."""
        query = select(kept_queries).where(kept_queries.c.collection_id == collection_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(kept_queries.c.kept_at, kept_queries.c.id))
            return [_kept(row) for row in rows.mappings()]

    def those_of(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that are kept."""
        query = select(kept_queries.c.id).where(kept_queries.c.id.in_(list(ids)))
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def remove(self, collection_id: str, id: str) -> None:
        """Forget a query and what was said of its answers; NotFound."""
        this = (kept_queries.c.collection_id == collection_id, kept_queries.c.id == id)
        with writing(self._engine) as connection:
            gone = connection.execute(delete(kept_queries).where(*this)).rowcount
        if not gone:
            raise NotFound(f"there is no kept query {id!r} in this collection")

    def judge(self, query_id: str, verdicts: Mapping[str, bool | None]) -> None:
        """Say of documents, by id, whether they are good answers to a query; None: nothing any more. NotFound for a
        query or a document that is not there."""
        now = time.time()
        rows = [
            {"query_id": query_id, "document_id": id, "is_good": good, "judged_at": now}
            for id, good in verdicts.items()
            if good is not None
        ]
        these = (
            judgements.c.query_id == query_id,
            judgements.c.document_id.in_(list(verdicts)),
        )
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(judgements).where(*these))
                if rows:
                    connection.execute(insert(judgements), rows)
        except IntegrityError as error:
            raise NotFound(
                f"one of {', '.join(map(repr, verdicts))} is no document, or query {query_id!r} was removed"
            ) from error

    def judgements(self, collection_id: str) -> dict[str, dict[str, bool]]:
        """Of each kept query of a collection that has any, the documents that were judged, by id."""
        query = (
            select(judgements.c.query_id, judgements.c.document_id, judgements.c.is_good)
            .join(kept_queries, kept_queries.c.id == judgements.c.query_id)
            .join(documents, documents.c.id == judgements.c.document_id)
            .where(
                kept_queries.c.collection_id == collection_id,
                documents.c.collection_id == collection_id,
            )
            .order_by(judgements.c.query_id, judgements.c.document_id)
        )
        found: dict[str, dict[str, bool]] = {}
        with reading(self._engine) as connection:
            for query_id, document_id, is_good in connection.execute(query):
                found.setdefault(query_id, {})[document_id] = is_good
        return found

    def prefer(
        self, query_id: str, *, pair: str, actor: str, better: str | None, blind: bool
    ) -> None:
        """Note which of a pair somebody prefers, in the place of what they said before; NotFound for the query."""
        row = {
            "query_id": query_id,
            "pair": pair,
            "actor": actor,
            "better": better,
            "blind": blind,
            "said_at": time.time(),
        }
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(preferences).where(*_said(query_id, pair, actor)))
                connection.execute(insert(preferences).values(row))
        except IntegrityError as error:
            raise NotFound(f"there is no kept query {query_id!r}") from error

    def forget_preferences(self, collection_id: str, pair: str) -> None:
        """Forget what was said of a pair, on whichever query of a collection."""
        mine = select(kept_queries.c.id).where(kept_queries.c.collection_id == collection_id)
        gone = delete(preferences).where(
            preferences.c.pair == pair, preferences.c.query_id.in_(mine)
        )
        with writing(self._engine) as connection:
            connection.execute(gone)

    def preferences(self, collection_id: str, pair: str) -> list[Preference]:
        """What was said of a pair, on whichever query of a collection."""
        query = (
            select(preferences.c.query_id, preferences.c.better, preferences.c.blind)
            .join(kept_queries, kept_queries.c.id == preferences.c.query_id)
            .where(kept_queries.c.collection_id == collection_id, preferences.c.pair == pair)
            .order_by(preferences.c.said_at)
        )
        with reading(self._engine) as connection:
            return [Preference(*row) for row in connection.execute(query)]


def _kept(row: Mapping[str, Any] | Any) -> KeptQuery:
    targets = row["targets"]
    return KeptQuery(
        row["id"],
        tuple(row["parts"]),
        None if targets is None else tuple(targets),
        row["kept_at"],
    )


def _said(query_id: str, pair: str, actor: str) -> tuple[ColumnElement[bool], ...]:
    return (
        preferences.c.query_id == query_id,
        preferences.c.pair == pair,
        preferences.c.actor == actor,
    )
