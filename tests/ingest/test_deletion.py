"""A deletion that runs while its document is being ingested leaves nothing, and neither does a failure."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingest.delete import delete_collection, delete_documents
from ingest.embed import ingest_documents
from ingest.release import release
from ingest.thumbnails import make_thumbnails
from samespace.core.errors import Unavailable
from samespace.core.types import Row, State, Vectors
from samespace.store.blobs import original, thumbnails
from samespace.store.records import Document
from tests.fuzz.light import LightEncoders
from tests.ingest.files import red_picture
from tests.ingest.house import House

LONG = "\n\n".join(f"Chapter {n}. " + f"The tide comes and goes {n}. " * 60 for n in range(20))


@pytest.fixture(scope="module")
def encoders() -> Iterator[LightEncoders]:
    encoders = LightEncoders()
    yield encoders
    encoders.close()


def remove(house: House, doc: Document) -> None:
    house.services.records.documents.mark_deleted(house.collection.id, [doc.id])
    delete_documents([doc.id], house.services)


def remove_all(house: House, _: Document) -> None:
    house.services.records.collections.mark_deleted(house.collection.id)
    delete_collection(house.services.records.collections.get(house.collection.id), house.services)


def after_writes(
    house: House, monkeypatch: pytest.MonkeyPatch, count: int, then: Callable[[], object]
) -> None:
    """Do something after that many slices were written."""
    write, done = house.services.index.upsert, [0]

    def upsert(name: str, rows: list[Row], vectors: Vectors) -> None:
        write(name, rows, vectors)
        done[0] += 1
        if done[0] == count:
            then()

    monkeypatch.setattr(house.services.index, "upsert", upsert)


@pytest.mark.parametrize("writes", [1, 2])
@pytest.mark.parametrize("delete", [remove, remove_all])
def test_what_is_deleted_while_it_is_ingested_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, delete: Any, writes: int
) -> None:
    doc = house.accept(LONG)
    after_writes(house, monkeypatch, writes, lambda: delete(house, doc))
    assert house.ingest(doc) == []
    services = house.services
    assert services.records.documents.many([doc.id]) == {}
    assert not services.index.exists(house.collection.spaces[0].index_name) or house.rows() == []
    assert services.vectors.count() == 0
    assert not services.blobs.exists(original(doc.content_hash))


def test_what_is_deleted_before_a_store_falls_silent_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc = house.accept(LONG)

    def delete_and_fall_silent() -> None:
        remove(house, doc)
        raise Unavailable("the index does not answer")

    after_writes(house, monkeypatch, 1, delete_and_fall_silent)
    with pytest.raises(Unavailable):
        house.ingest(doc)
    release(house.services)
    assert house.rows() == []
    assert house.services.vectors.count() == 0


def test_what_another_document_holds_too_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = house.ingest(house.accept(LONG, external_id="kept"))
    cached = house.services.vectors.count()
    marked = house.accept(LONG, external_id="doomed")
    after_writes(house, monkeypatch, 1, lambda: remove(house, marked))
    assert house.ingest(marked) == []
    assert {row.item.document_id for row in house.rows()} == {kept.id}
    assert house.services.vectors.count() == cached > 0
    assert house.services.blobs.exists(original(kept.content_hash))


def test_a_version_that_fails_takes_back_what_it_wrote(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = house.ingest(house.accept("The tide is low.", external_id="tide"))
    before = house.rows()
    new = house.accept(LONG, external_id="tide")
    assert new.id == old.id

    def retry_later() -> None:
        raise ValueError("this slice cannot be written")

    after_writes(house, monkeypatch, 2, retry_later)
    assert house.ingest(new) == []
    assert house.now(new).state is State.FAILED
    assert house.rows() == before


def test_a_late_worker_that_fails_takes_nothing_from_the_one_that_took_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc = house.accept(LONG)
    late = house.services.records.claims.claim([doc.id], "late", -1)

    def retry_later() -> None:
        monkeypatch.undo()
        house.services.records.claims.lapse(3)
        assert len(house.ingest(doc)) == 1
        raise ValueError("this slice cannot be written")

    after_writes(house, monkeypatch, 2, retry_later)
    assert ingest_documents(late, house.services, must_stop=lambda: False) == []
    now = house.now(doc)
    assert (now.state, now.generation) == (State.READY, doc.generation)
    assert len(house.rows()) == now.items_total


def test_a_thumbnail_made_too_late_does_not_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (doc,) = house.ingest(house.accept(red_picture("PNG"), "red.png"))
    run_many = house.services.sandbox.run_many

    def slowly(jobs: Any) -> Any:
        made = list(run_many(jobs))
        remove(house, doc)
        return made

    monkeypatch.setattr(house.services.sandbox, "run_many", slowly)
    make_thumbnails([doc.id], house.services)
    assert not any(house.services.blobs.exists(key) for key in thumbnails(doc.content_hash))
