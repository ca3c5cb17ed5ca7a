"""Label sets that were kept under a name, in the records."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from samespace.core.errors import NotFound
from samespace.store.records.tables import label_sets
from samespace.store.sql import reading, writing


@dataclass(frozen=True, slots=True)
class SavedLabelSet:
    """A label set as it was saved: `labels` is the JSON that `search.labels.parse_label_set` takes."""

    name: str
    labels: Mapping[str, Any]
    saved_at: float


class LabelSets:
    """The label sets of all collections."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, collection_id: str, name: str, labels: Mapping[str, Any]) -> None:
        """Keep it; one of the same name is replaced."""
        row = {
            "collection_id": collection_id,
            "name": name,
            "labels": dict(labels),
            "saved_at": time.time(),
        }
        with writing(self._engine) as connection:
            connection.execute(delete(label_sets).where(*_this(collection_id, name)))
            connection.execute(insert(label_sets).values(row))

    def all(self, collection_id: str) -> list[SavedLabelSet]:
        """Those of a collection, by name."""
        query = select(label_sets.c.name, label_sets.c.labels, label_sets.c.saved_at)
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
