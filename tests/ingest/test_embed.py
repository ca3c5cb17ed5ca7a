"""From accepted to ready, replaced and gone, with real models and stores."""

from io import BytesIO

import pytest
from PIL import Image

from ingest.accept import Receipt, Refusal
from ingest.delete import delete_collection, delete_documents
from ingest.embed import ingest_documents
from samespace.core.errors import NotFound, SamespaceError, Unavailable
from samespace.core.types import IMAGE, TEXT, Row, State, Vectors
from samespace.store.blobs import original
from samespace.store.records.offers import Outcome
from tests.ingest.files import red_picture, saved, truncated_jpeg
from tests.ingest.house import House


def encoded(house: House) -> int:
    """How many items the models have worked on so far."""
    return sum(stats.items for stats in house.services.encoders.stats().values())


def test_a_text_becomes_passages_with_their_places(house: House) -> None:
    text = "\n\n".join(f"Chapter {n}. " + "The tide comes and goes. " * 40 for n in range(10))
    (doc,) = house.ingest(house.accept(text, metadata={"year": 2024}))
    rows = sorted(house.rows(), key=lambda row: row.item.position)
    assert doc.state is State.READY
    assert doc.items_total == doc.items_done == len(rows) > 8  # more than one slice
    for position, row in enumerate(rows):
        place = row.item.place
        assert row.item.position == position
        assert row.item.text == text[place.start : place.end]
        assert row.metadata == {"year": 2024}
        assert row.item.modality == TEXT


def test_a_picture_becomes_one_item(house: House) -> None:
    (doc,) = house.ingest(house.accept(red_picture("JPEG"), "sea.jpg"))
    (row,) = house.rows()
    assert row.item.modality == IMAGE
    assert row.item.content_hash == doc.content_hash
    assert row.media_type == "image/jpeg"


def test_one_bad_document_fails_alone_and_says_why(house: House) -> None:
    good = [house.accept(f"note {n}") for n in range(5)]
    cut_short = truncated_jpeg()
    bad = house.accept(cut_short, "torn.jpg")
    ready = house.ingest(*good[:2], bad, *good[2:])
    assert {doc.id for doc in ready} == {doc.id for doc in good}
    failed = house.now(bad)
    assert failed.state is State.FAILED
    assert failed.reason is not None
    assert "torn.jpg" in failed.reason
    assert failed.items_done == 0


def test_a_failure_inside_a_slice_fails_its_document_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [house.accept(f"note {n}") for n in range(4)]
    write = house.services.index.upsert

    def refuse_one(name: str, rows: list[Row], vectors: Vectors) -> None:
        if any(row.item.text == "note 2" for row in rows):
            raise ValueError("the index does not like this one")
        write(name, rows, vectors)

    monkeypatch.setattr(house.services.index, "upsert", refuse_one)
    ready = house.ingest(*docs)
    assert {doc.id for doc in ready} == {docs[n].id for n in (0, 1, 3)}
    assert "does not like this one" in str(house.now(docs[2]).reason)


def test_a_lost_original_fails_its_document_alone(house: House) -> None:
    docs = [house.accept(f"note {n}") for n in range(12)]
    lost = (docs[0], docs[5], docs[6], docs[11])
    for doc in lost:
        house.services.blobs.delete(original(doc.content_hash))
    ready = house.ingest(*docs)
    assert {doc.id for doc in ready} == {doc.id for doc in docs if doc not in lost}
    for doc in lost:
        now = house.now(doc)
        assert now.state is State.FAILED
        assert original(doc.content_hash) in str(now.reason)


def test_an_unavailable_index_puts_everything_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [house.accept(f"note {n}") for n in range(3)]

    def down(*_: object) -> None:
        raise Unavailable("the index does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(house.services.index, "upsert", down)
        with pytest.raises(Unavailable):
            house.ingest(*docs)
    assert {house.now(doc).state for doc in docs} == {State.QUEUED}
    assert {house.now(doc).attempt for doc in docs} == {0}
    assert len(house.ingest(*docs)) == 3


def test_a_stop_puts_the_rest_back_and_nothing_is_encoded_twice(house: House) -> None:
    docs = [house.accept(f"a note about lighthouse {n}") for n in range(20)]
    before = encoded(house)
    asked = iter([False, True])
    ready = ingest_documents(house.claim(*docs), house.services, must_stop=lambda: next(asked))
    assert len(ready) == 8  # one slice
    assert encoded(house) - before == 8
    assert len(house.ingest(*docs)) == 12
    assert encoded(house) - before == 20


def test_the_same_bytes_cost_nothing_twice(house: House) -> None:
    first = house.accept("a heron in the river")
    house.ingest(first)
    before = encoded(house)
    again = house.offer("a heron in the river")
    assert isinstance(again, Receipt)
    assert again.outcome is Outcome.UNCHANGED
    assert again.document.id == first.id
    named = house.offer("a heron in the river", external_id="heron.txt")
    assert isinstance(named, Receipt)
    assert (named.outcome, named.document.id) == (Outcome.UNCHANGED, first.id)
    elsewhere = house.accept("a heron in the river", external_id="copy.txt")
    assert elsewhere.id != first.id
    house.ingest(elsewhere)
    assert encoded(house) == before
    assert house.services.vectors.count() == 1


def test_changed_bytes_replace_the_old_version_when_they_are_ready(house: House) -> None:
    old = house.accept("the old words", external_id="a.txt")
    house.ingest(old)
    new = house.accept("the new words", external_id="a.txt")
    assert new.id == old.id
    assert [row.item.text for row in house.rows()] == ["the old words"]
    assert house.now(new).live_generation == 1
    house.ingest(new)
    assert [row.item.text for row in house.rows()] == ["the new words"]
    assert house.now(new).live_generation == 2
    assert not house.services.blobs.exists(original(old.content_hash))
    assert house.services.vectors.count() == 1


def test_changed_metadata_is_written_without_encoding(house: House) -> None:
    house.ingest(house.accept("words", external_id="a.txt", metadata={"year": 1}))
    before = encoded(house)
    changed = house.offer("words", external_id="a.txt", metadata={"year": 2})
    assert isinstance(changed, Receipt)
    assert changed.outcome is Outcome.UPDATED
    house.ingest(changed.document)
    assert [row.metadata for row in house.rows()] == [{"year": 2}]
    assert encoded(house) == before


def test_deleting_removes_all_that_nothing_else_holds(house: House) -> None:
    gone, kept = (
        house.accept("shared words", external_id="gone"),
        house.accept("shared words", external_id="kept"),
    )
    alone = house.accept("words of its own", external_id="alone")
    house.ingest(gone, kept, alone)
    records = house.services.records
    delete_documents(
        records.documents.mark_deleted(house.collection.id, [gone.id, alone.id]), house.services
    )
    assert [row.item.document_id for row in house.rows()] == [kept.id]
    assert house.services.blobs.exists(original(kept.content_hash))
    assert not house.services.blobs.exists(original(alone.content_hash))
    assert house.services.vectors.count() == 1
    delete_documents(records.documents.mark_deleted(house.collection.id, [kept.id]), house.services)
    assert house.rows() == []
    assert list(house.services.blobs.keys("originals")) == []
    assert house.services.vectors.count() == 0


def test_a_document_deleted_while_it_was_ingested_does_not_rise_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc = house.accept("a short life")
    write = house.services.index.upsert

    def delete_meanwhile(name: str, rows: list[Row], vectors: Vectors) -> None:
        ids = house.services.records.documents.mark_deleted(house.collection.id, [doc.id])
        delete_documents(ids, house.services)
        write(name, rows, vectors)

    monkeypatch.setattr(house.services.index, "upsert", delete_meanwhile)
    assert house.ingest(doc) == []
    assert house.rows() == []
    assert house.services.records.documents.many([doc.id]) == {}


def test_a_late_worker_changes_nothing(house: House) -> None:
    doc = house.accept("first words", external_id="a.txt")
    late = house.claim(doc, owner="late")
    newer = house.accept("second words", external_id="a.txt")
    house.ingest(newer)
    assert ingest_documents(late, house.services, must_stop=lambda: False) == []
    live = house.now(doc)
    assert live.live_generation == 2
    assert [(row.generation, row.item.text) for row in house.rows()] == [(2, "second words")]


def test_a_collection_goes_with_all_it_holds(house: House) -> None:
    house.ingest(house.accept("one"), house.accept(red_picture("JPEG"), "two.jpg"))
    house.services.records.collections.mark_deleted(house.collection.id)
    marked = house.services.records.collections.get(house.collection.id)
    delete_collection(marked, house.services)
    assert not house.services.index.exists(house.collection.spaces[0].index_name)
    assert list(house.services.blobs.keys("originals")) == []
    with pytest.raises(NotFound):
        house.services.records.collections.get(house.collection.id)


@pytest.mark.parametrize(
    ("content", "more", "says"),
    [
        ("", {}, "is empty"),
        ("x", {"metadata": ["no", "object"]}, "it has to be an object"),
        ("x", {"metadata": {"big": "x" * 20_000}}, "the limit is 16384"),
        ("x", {"external_id": "x" * 2000}, "the limit is 1024"),
        ("x", {"name": "nul\0.txt"}, "not text"),
        (b"\x00\x01\x02\x03" * 64, {}, "is not taken in"),
    ],
)
def test_what_cannot_be_accepted_is_refused_by_name(
    house: House, content: str | bytes, more: dict[str, object], says: str
) -> None:
    answer = house.offer(content, **more)  # type: ignore[arg-type]
    assert isinstance(answer, Refusal)
    assert isinstance(answer.error, SamespaceError)
    assert says in str(answer.error)
    assert house.services.records.documents.counts() == {}


def test_too_many_characters_fail_with_the_limit(house: House) -> None:
    doc = house.accept("word " * 50_000)
    assert house.ingest(doc) == []
    assert "200000" in str(house.now(doc).reason).replace(",", "")


def test_pages_of_a_tiff_that_wait_for_their_turn_are_drawn_and_bad_ones_named(
    house: House,
) -> None:
    pages = [Image.new("RGB", (16, 16), (n, n, n)) for n in range(67)]
    whole = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    data = bytearray(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    image = Image.open(BytesIO(whole))
    for page in (3, 66):
        image.seek(page - 1)
        cut = image._frame_pos[page - 1]  # type: ignore[attr-defined]
        data[cut + 2 : cut + 14] = bytes(12)  # the first field, its width
    (doc,) = house.ingest(house.accept(bytes(data), "scan.tif"))
    assert sorted(row.item.place.page or 0 for row in house.rows()) == [
        page for page in range(1, 68) if page not in {3, 66}
    ]
    assert doc.items_total == doc.items_done == 65
    (warning,) = doc.warnings
    assert warning.startswith("scan.tif: pages 3 and 66 cannot be read: it is damaged")
