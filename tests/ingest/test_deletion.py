"""A deletion that runs while its document is being ingested leaves nothing, and neither does a failure."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.delete import delete_collection, delete_documents
from ingest.embed import ingest_documents
from ingest.release import release
from ingest.sandbox import Sandbox
from ingest.thumbnails import make_thumbnails
from samespace.core.errors import Unavailable
from samespace.core.types import Row, State, Vectors
from samespace.store.blobs import original, thumbnails
from samespace.store.records import Document
from tests.fuzz.light import LightEncoders
from tests.ingest.files import red_picture
from tests.ingest.house import House, open_house

LONG = "\n\n".join(f"Chapter {n}. " + f"The tide comes and goes {n}. " * 60 for n in range(20))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, 30, 1024) as sandbox:
        yield sandbox


@pytest.fixture
def house(tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    encoders = LightEncoders()
    with open_house(tmp_path, encoders, sandbox) as house:
        yield house
    encoders.close()


def remove(house: House, doc: Document) -> None:
    house.tools.records.documents.mark_deleted(house.collection.id, [doc.id])
    delete_documents([doc.id], house.tools)


def remove_all(house: House, _: Document) -> None:
    house.tools.records.collections.mark_deleted(house.collection.id)
    delete_collection(house.tools.records.collections.get(house.collection.id), house.tools)


def after_writes(
    house: House, monkeypatch: pytest.MonkeyPatch, count: int, then: Callable[[], object]
) -> None:
    """Do something after that many slices were written."""
    write, done = house.tools.index.upsert, [0]

    def upsert(name: str, rows: list[Row], vectors: Vectors) -> None:
        write(name, rows, vectors)
        done[0] += 1
        if done[0] == count:
            then()

    monkeypatch.setattr(house.tools.index, "upsert", upsert)


@pytest.mark.parametrize("writes", [1, 2])
@pytest.mark.parametrize("delete", [remove, remove_all])
def test_what_is_deleted_while_it_is_ingested_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, delete: Any, writes: int
) -> None:
    doc = house.accept(LONG)
    after_writes(house, monkeypatch, writes, lambda: delete(house, doc))
    assert house.ingest(doc) == []
    tools = house.tools
    assert tools.records.documents.many([doc.id]) == {}
    assert not tools.index.exists(house.collection.spaces[0].index_name) or house.rows() == []
    assert tools.vectors.count() == 0
    assert not tools.blobs.exists(original(doc.content_hash))


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
    release(house.tools)
    assert house.rows() == []
    assert house.tools.vectors.count() == 0


def test_what_another_document_holds_too_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = house.ingest(house.accept(LONG, external_id="kept"))
    cached = house.tools.vectors.count()
    marked = house.accept(LONG, external_id="doomed")
    after_writes(house, monkeypatch, 1, lambda: remove(house, marked))
    assert house.ingest(marked) == []
    assert {row.item.document_id for row in house.rows()} == {kept.id}
    assert house.tools.vectors.count() == cached > 0
    assert house.tools.blobs.exists(original(kept.content_hash))


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
    late = house.tools.records.claims.claim([doc.id], "late", -1)

    def retry_later() -> None:
        monkeypatch.undo()
        house.tools.records.claims.lapse(3)
        assert len(house.ingest(doc)) == 1
        raise ValueError("this slice cannot be written")

    after_writes(house, monkeypatch, 2, retry_later)
    assert ingest_documents(late, house.tools, must_stop=lambda: False) == []
    now = house.now(doc)
    assert (now.state, now.generation) == (State.READY, doc.generation)
    assert len(house.rows()) == now.items_total


def test_a_thumbnail_made_too_late_does_not_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (doc,) = house.ingest(house.accept(red_picture("PNG"), "red.png"))
    run_many = house.tools.sandbox.run_many

    def slowly(jobs: Any) -> Any:
        made = list(run_many(jobs))
        remove(house, doc)
        return made

    monkeypatch.setattr(house.tools.sandbox, "run_many", slowly)
    make_thumbnails([doc.id], house.tools)
    assert not any(house.tools.blobs.exists(key) for key in thumbnails(doc.content_hash))
