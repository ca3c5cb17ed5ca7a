"""What happens to the documents of a collection, for those who watch; read off indexes, however many there are."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, select

from samespace.core.types import State
from samespace.store.records.rows import Progress
from samespace.store.records.tables import documents
from samespace.store.sql import reading

_SHOWN = tuple(documents.c[field.name] for field in fields(Progress))


class Changes:
    """The documents that somebody who watches a collection has to hear of."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, collection_id: str, moment: float, most: int) -> list[Progress]:
        """Documents at work now, and those that ended, began to wait or were doomed after `moment`, in seconds
        since the epoch; of each kind at most so many, the newest."""
        moved = [documents.c.state.in_([State.QUEUED, State.DELETING])]
        return self._all(
            _of(collection_id, documents.c.state == State.PROCESSING).limit(most),
            _of(collection_id, *moved, documents.c.submitted_at > moment)
            .order_by(documents.c.submitted_at.desc())
            .limit(most),
            # No column of an index but the moment: SQLite would rather read the whole collection.
            select(*_SHOWN)
            .where(documents.c.collection_id.concat("") == collection_id)
            .where(documents.c.finished_at > moment)
            .order_by(documents.c.finished_at.desc())
            .limit(most),
        )

    def unended(self, collection_id: str, most: int) -> list[Progress]:
        """Documents at work, those that failed and those that wait; of each at most so many, the newest."""
        newest = documents.c.submitted_at.desc()
        return self._all(
            *(
                _of(collection_id, documents.c.state == state).order_by(newest).limit(most)
                for state in (State.PROCESSING, State.FAILED, State.QUEUED)
            )
        )

    def some(self, collection_id: str, ids: Sequence[str]) -> list[Progress]:
        """How far these documents are; those that are gone are left out."""
        return self._all(_of(collection_id, documents.c.id.in_(list(ids)))) if ids else []

    def _all(self, *queries: Select[Any]) -> list[Progress]:
        found: dict[str, Progress] = {}
        with reading(self._engine) as connection:
            for query in queries:
                found |= {row[0]: Progress(*row) for row in connection.execute(query)}
        return list(found.values())


def _of(collection_id: str, *which: ColumnElement[bool]) -> Select[Any]:
    return select(*_SHOWN).where(documents.c.collection_id == collection_id, *which)
