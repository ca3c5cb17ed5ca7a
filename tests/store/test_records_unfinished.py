"""Whether anything is unfinished: whatever the reconciler would find is, and nothing else."""

import pytest
from sqlalchemy import insert, update

from samespace.core.types import TEXT, Item, State
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from samespace.store.records.tables import documents, jobs
from samespace.store.sql import writing
from tests.store.sql_fixtures import MODEL, collection, database_url, digest, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")


def accept(records: Records, content: str = "one") -> None:
    records.documents.accept(offer("d1", content, external_id="a"))


def finish(records: Records) -> Document:
    (doc,) = records.claims.claim(["d1"], "worker", 60)
    items = [Item(f"d1-{doc.generation}", doc.id, TEXT, 0, digest("text"), "text")]
    assert records.claims.ready([Done(doc, items, {}, ())])
    return doc


def test_a_document_is_unfinished_until_it_is_ready_and_swept(records: Records) -> None:
    assert records.is_idle()
    accept(records)
    assert not records.is_idle()
    records.claims.claim(["d1"], "worker", 0)
    assert not records.is_idle()  # also where its worker is dead
    records.claims.lapse(3)
    finish(records)
    assert records.is_idle()
    accept(records, "two")
    finish(records)
    assert not records.is_idle()  # the older version's rows, and its original
    (doc,) = records.claims.unswept(10)
    records.claims.swept(doc, doc.generation)
    with records.garbage.letting_go(100):
        pass
    assert records.is_idle()


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_what_ended_badly_is_unfinished_while_it_may_have_left_rows(
    records: Records, state: State
) -> None:
    accept(records)
    finish(records)
    for has_leftovers in (True, False):
        change = update(documents).values(state=state, has_leftovers=has_leftovers)
        with writing(records.engine) as connection:
            connection.execute(change)
        assert records.is_idle() is not has_leftovers


def test_a_deletion_is_unfinished(records: Records) -> None:
    accept(records)
    finish(records)
    records.documents.mark_deleted("c1", ["d1"])
    assert not records.is_idle()


def test_a_collection_is_unfinished_until_it_is_opened_and_when_it_is_doomed(
    records: Records,
) -> None:
    records.collections.begin("c2", "starter", [MODEL])
    assert not records.is_idle()
    records.collections.open("c2", "dogs")
    assert records.is_idle()
    records.collections.mark_deleted("c2")
    assert not records.is_idle()


@pytest.mark.parametrize("state", State)
def test_a_job_is_unfinished_while_it_waits_or_is_at_work(records: Records, state: State) -> None:
    times = dict.fromkeys(("created_at", "submitted_at"), 0.0)
    row = {"id": "j", "collection_id": "c1", "kind": "map", "state": state, "params": {}}
    with writing(records.engine) as connection:
        connection.execute(insert(jobs).values(**row, **times, total=0, done=0, attempt=0))
    assert records.is_idle() is (state not in {State.QUEUED, State.PROCESSING})
