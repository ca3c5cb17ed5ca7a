"""How much waits, and how fast it goes."""

import time

import pytest
from sqlalchemy import update

from samespace.store.records import Records
from samespace.store.records.documents import Waiting
from samespace.store.records.tables import collections, documents
from samespace.store.sql import writing
from tests.store.sql_fixtures import MODEL, collection, database_url, new_collection, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")


def test_what_waits_is_counted_by_collection_and_paused_ones_not_together(records: Records) -> None:
    for id in ("c2", "c3"):
        new_collection(records, id, f"name-{id}", "starter", [MODEL])
    for number, where in enumerate(["c1", "c1", "c2", "c3", "c3", "c3"]):
        records.documents.accept(offer(f"d{number}", f"text {number}", collection_id=where))
    records.claims.claim(["d0"], "worker", 60)
    with writing(records.engine) as connection:
        paused = update(collections).where(collections.c.id == "c3").values(paused=True)
        connection.execute(paused)

    found = records.documents.waiting(60)
    assert found == Waiting({"c1": 1, "c2": 1, "c3": 3}, altogether=2, finished=0)


def test_what_came_to_an_end_lately_is_counted(records: Records) -> None:
    for number, ago in enumerate([1, 59, 61, None]):
        records.documents.accept(offer(f"d{number}", f"text {number}"))
        ended = None if ago is None else time.time() - ago
        with writing(records.engine) as connection:
            mine = documents.c.id == f"d{number}"
            connection.execute(update(documents).where(mine).values(finished_at=ended))

    assert records.documents.waiting(60).finished == 2
