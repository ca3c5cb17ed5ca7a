"""Label sets that were kept under a name, in the records."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from samespace.core.errors import NotFound
from samespace.store.records.rows import Collection
from samespace.store.records.tables import label_sets
from samespace.store.sql import reading, writing


@dataclass(frozen=True, slots=True)
class SavedLabelSet:
    """A label set as it was saved: `labels` is the JSON that `search.labels.parse_label_set` takes.

    `models` are the fingerprints of those that searches asked then; None where an older release saved it.
    """

    name: str
    labels: Mapping[str, Any]
    saved_at: float
    models: Sequence[str] | None

    def is_stale(self, collection: Collection) -> bool:
        """Whether its threshold was chosen for another model than searches ask now: the same number is another cut
        there."""
        if self.labels.get("threshold") is None:
            return False
        if self.models is None:
            return any(index.created_at > self.saved_at for index in collection.spaces)
        return sorted(self.models) != models_of(collection)


def models_of(collection: Collection) -> list[str]:
    """The fingerprints of what searches of a collection ask, in order."""
    return sorted({index.fingerprint for index in collection.spaces})


class LabelSets:
    """The label sets of all collections."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, collection: Collection, name: str, labels: Mapping[str, Any]) -> None:
        """Keep it; one of the same name is replaced."""
        row = {
            "collection_id": collection.id,
            "name": name,
            "labels": dict(labels),
            "saved_at": time.time(),
            "models": models_of(collection),
        }
        with writing(self._engine) as connection:
            connection.execute(delete(label_sets).where(*_this(collection.id, name)))
            connection.execute(insert(label_sets).values(row))

    def all(self, collection_id: str) -> list[SavedLabelSet]:
        """Those of a collection, by name."""
        query = select(
            label_sets.c.name, label_sets.c.labels, label_sets.c.saved_at, label_sets.c.models
        )
        query = query.where(label_sets.c.collection_id == collection_id)
        with reading(self._engine) as connection:
            return [
                SavedLabelSet(*row) for row in connection.execute(query.order_by(label_sets.c.name))
            ]

    def remove(self, collection_id: str, name: str) -> None:
        """Forget it; NotFound."""
        with writing(self._engine) as connection:
            gone = connection.execute(
                delete(label_sets).where(*_this(collection_id, name))
            ).rowcount
        if not gone:
            raise NotFound(f"there is no label set {name!r} in this collection")


def _this(collection_id: str, name: str) -> tuple[Any, Any]:
    return label_sets.c.collection_id == collection_id, label_sets.c.name == name
