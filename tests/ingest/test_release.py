"""What nobody holds any more is gone from blobs and vector cache: also when a document was replaced, deleted or
failed in the middle of its claim, and when the process that should have let go died."""

import pytest

from ingest.delete import delete_documents
from ingest.embed import ingest_documents
from ingest.release import release
from samespace.core.content import text_hash
from samespace.store.blobs import original
from samespace.store.records import Document
from tests.ingest.house import House


def has_original(house: House, doc: Document) -> bool:
    return house.services.blobs.exists(original(doc.content_hash))


def cached(house: House, *texts: str) -> list[str]:
    (space,) = house.collection.spaces
    found = house.services.vectors.get(space.fingerprint, [text_hash(text) for text in texts])
    return [text for text in texts if text_hash(text) in found]


def delete(house: House, doc: Document) -> None:
    house.services.records.documents.mark_deleted(house.collection.id, [doc.id])
    delete_documents([doc.id], house.services)


def test_version_that_was_never_live_leaves_nothing(house: House) -> None:
    first = house.accept("a heron at dawn", external_id="bird")
    house.ingest(house.accept("a heron at dusk", external_id="bird"))
    release(house.services)
    assert not has_original(house, first)
    assert cached(house, "a heron at dawn", "a heron at dusk") == ["a heron at dusk"]


def test_document_deleted_in_the_middle_of_its_turn_leaves_nothing(house: House) -> None:
    doc = house.accept("a heron at dawn")
    (claimed,) = house.claim(doc)
    delete(house, doc)
    ingest_documents([claimed], house.services, must_stop=lambda: False)
    release(house.services)
    assert house.rows() == []
    assert cached(house, "a heron at dawn") == []
    assert not has_original(house, doc)


def test_deletion_whose_worker_died_is_made_up_for(house: House) -> None:
    doc = house.accept("a heron at dawn")
    house.ingest(doc)
    house.services.records.documents.mark_deleted(house.collection.id, [doc.id])
    house.services.records.documents.remove(doc.id)  # and here it died
    assert cached(house, "a heron at dawn")
    release(house.services)
    assert cached(house, "a heron at dawn") == []
    assert not has_original(house, doc)


def test_replacement_whose_worker_died_is_made_up_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = house.accept("a heron at dawn", external_id="bird")
    house.ingest(first)
    second = house.accept("a heron at dusk", external_id="bird")
    with monkeypatch.context() as patch:
        patch.setattr("ingest.finish.release", lambda _: None)
        house.ingest(second)
    assert has_original(house, first)
    release(house.services)
    assert not has_original(house, first)
    assert cached(house, "a heron at dawn", "a heron at dusk") == ["a heron at dusk"]


def test_what_two_documents_share_stays_for_the_one_at_work(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is deleted after the second found its vector in the cache, and before it is live."""
    first = house.accept("a heron at dawn", external_id="one")
    house.ingest(first)
    second = house.accept("a heron at dawn", external_id="two")
    upsert = house.services.index.upsert

    def delete_first(*arguments: object) -> None:
        delete(house, first)
        upsert(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(house.services.index, "upsert", delete_first)
        assert house.ingest(second)
    assert cached(house, "a heron at dawn")
    assert has_original(house, second)
