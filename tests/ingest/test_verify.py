"""Each way in which the stores can differ from the records: made by hand, found, mended, and not found again."""

import io
import os
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from ingest.delete import delete_collection, delete_documents
from ingest.items import item_key
from samespace.core.content import text_hash
from samespace.core.errors import NotFound
from samespace.core.types import IMAGE, TEXT, Item, Row, State, Vectors
from samespace.operations.verify import Kind, Report, verify
from samespace.store.blobs import original, thumbnails
from samespace.store.records import Document
from samespace.store.records.claims import Done
from samespace.store.records.indexes import Held
from samespace.store.vectors import Vector
from tests.ingest.files import red_picture
from tests.ingest.house import House
from tests.store.memory_index import MemoryIndex

NOW = -60.0  # a grace of less than nothing: whatever is not in work is judged

pytestmark = pytest.mark.slow


@pytest.fixture
def docs(house: House) -> list[Document]:
    """Three documents that are ready: two texts and a picture."""
    accepted = [
        house.accept("a heron in the river", "heron.txt", external_id="heron"),
        house.accept("a lighthouse in the fog", "light.txt", external_id="light"),
        house.accept(red_picture("JPEG"), "sea.jpg", external_id="sea"),
    ]
    house.ingest(*accepted)
    return [house.now(doc) for doc in accepted]


def check(house: House, *, repair: bool = False, **more: object) -> Report:
    services = house.services
    return verify(services, repair=repair, **{"grace": NOW, **more})  # type: ignore[arg-type]


def found(report: Report) -> dict[Kind, tuple[int, int]]:
    """(found, repaired) of each kind."""
    return {one.kind: (one.found, one.repaired) for one in report.differences}


def ingest_waiting(house: House) -> None:
    """What the workers do after a repair."""
    waiting = house.services.records.documents.page(house.collection.id, state=State.QUEUED)
    if waiting:
        house.ingest(*waiting)


def encoded(house: House) -> int:
    return sum(stats.items for stats in house.services.encoders.stats().values())


def index_name(house: House) -> str:
    return house.collection.spaces[0].index_name


def fingerprint(house: House) -> str:
    return house.collection.spaces[0].fingerprint


def row_of(house: House, doc: Document) -> Row:
    (row,) = [row for row in house.rows() if row.item.document_id == doc.id]
    return row


def set_vector(house: House, row: Row, vector: Vector) -> None:
    """Past all checks, as a broken disk would."""
    assert isinstance(house.services.index, MemoryIndex)
    house.services.index._table(index_name(house)).vectors[row.item.key] = vector


def unit(seed: int) -> Vectors:
    vector = np.random.default_rng(seed).normal(size=(1, 384)).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def assert_mended(house: House, items: int = 3) -> None:
    """After the workers had their turn nothing differs and every item stands once."""
    ingest_waiting(house)
    report = check(house)
    assert report.is_clean, report.differences
    assert len(house.rows()) == items


def test_nothing_differs_in_a_sound_house(house: House, docs: list[Document]) -> None:
    report = check(house)
    assert report.is_clean
    assert report.complete
    assert (report.collections, report.items, report.vectors, report.blobs) == (1, 3, 3, 3)
    assert {house.now(doc).state for doc in docs} == {State.READY}


def test_an_empty_house_is_sound(house: House) -> None:
    assert check(house).is_clean


def test_missing_rows_are_written_again_from_the_cache(house: House, docs: list[Document]) -> None:
    house.services.index.delete(index_name(house), [docs[0].id, docs[2].id])
    assert found(check(house)) == {Kind.MISSING: (2, 0)}
    before = encoded(house)
    report = check(house, repair=True)
    assert found(report) == {Kind.MISSING: (2, 2)}
    assert report.rewritten == 2
    assert_mended(house)
    assert encoded(house) == before


def test_the_ids_of_what_is_ingested_again_are_handed_on(
    house: House, docs: list[Document]
) -> None:
    house.services.index.delete(index_name(house), [docs[1].id])
    told: list[str] = []
    check(house, repair=True, submit=told.extend)
    assert told == [docs[1].id]
    # While it waits for its turn it is not made to wait once more.
    again = check(house, repair=True, submit=told.extend)
    assert (found(again), again.rewritten) == ({Kind.MISSING: (1, 1)}, 0)
    assert house.now(docs[1]).generation == 2


def test_a_lost_index_is_made_again_without_encoding(house: House, docs: list[Document]) -> None:
    house.services.index.drop(index_name(house))
    assert found(check(house)) == {Kind.INDEX: (1, 0), Kind.MISSING: (3, 0)}
    before = encoded(house)
    assert check(house, repair=True).is_repaired
    assert_mended(house)
    assert encoded(house) == before


def test_an_index_of_another_dimension_is_replaced(house: House, docs: list[Document]) -> None:
    house.services.index.drop(index_name(house))
    house.services.index.create(index_name(house), 8)
    assert found(check(house)) == {Kind.INDEX: (1, 0), Kind.MISSING: (3, 0)}
    assert check(house, repair=True).is_repaired
    assert_mended(house)


def test_an_index_of_an_older_release_is_made_again_without_encoding(
    house: House, docs: list[Document]
) -> None:
    index = house.services.index
    assert isinstance(index, MemoryIndex)
    index.schema += 1
    before = encoded(house)
    assert found(check(house)) == {Kind.INDEX: (1, 0)}
    assert found(check(house, repair=True)) == {Kind.INDEX: (1, 1), Kind.MISSING: (3, 3)}
    assert_mended(house)
    assert encoded(house) == before


@pytest.mark.parametrize(
    "damaged",
    [np.full(384, np.nan, np.float32), np.zeros(384, np.float32), unit(1)[0] * 2, unit(1)[0]],
    ids=["nan", "zero", "long", "another"],
)
def test_a_damaged_vector_is_written_again(
    house: House, docs: list[Document], damaged: Vector
) -> None:
    row = row_of(house, docs[1])
    set_vector(house, row, damaged)
    assert found(check(house)) == {Kind.DAMAGED: (1, 0)}
    assert found(check(house, repair=True)) == {Kind.DAMAGED: (1, 1)}
    assert_mended(house)


def test_rows_that_nothing_accounts_for_are_removed(house: House, docs: list[Document]) -> None:
    row = row_of(house, docs[0])
    stranger = replace(row, item=replace(row.item, key="0" * 32, document_id="f" * 32))
    stray = replace(row, item=replace(row.item, key="1" * 32))
    house.services.index.upsert(index_name(house), [stranger, stray], np.vstack([unit(1), unit(2)]))
    assert found(check(house)) == {Kind.ORPHAN: (2, 0)}
    assert len(house.rows()) == 5
    assert found(check(house, repair=True)) == {Kind.ORPHAN: (2, 2)}
    assert_mended(house)


def test_what_a_late_worker_wrote_is_removed(house: House, docs: list[Document]) -> None:
    old = row_of(house, docs[0])
    house.ingest(house.accept("a heron in the lake", "heron.txt", external_id="heron"))
    house.services.index.upsert(index_name(house), [old], unit(1))
    assert found(check(house, repair=True))[Kind.ORPHAN] == (1, 1)
    assert_mended(house)


def test_rows_of_a_failed_document_are_removed(house: House, docs: list[Document]) -> None:
    doc = house.accept("half written", "half.txt")
    (claimed,) = house.claim(doc)
    row = row_of(house, docs[0])
    half = replace(row, item=replace(row.item, key="2" * 32, document_id=doc.id))
    house.services.index.upsert(index_name(house), [half], unit(1))
    assert check(house).is_clean  # somebody is at it
    house.services.records.claims.fail(claimed, "for the test", has_leftovers=False)
    assert found(check(house)) == {Kind.ORPHAN: (1, 0)}
    check(house, repair=True)
    assert_mended(house)


def test_a_dropped_cache_row_comes_back_from_the_index(house: House, docs: list[Document]) -> None:
    content = row_of(house, docs[0]).item.content_hash
    house.services.vectors.delete([content])
    assert found(check(house)) == {Kind.UNCACHED: (1, 0)}
    before = encoded(house)
    report = check(house, repair=True)
    assert (found(report), report.rewritten) == ({Kind.UNCACHED: (1, 1)}, 0)
    assert_mended(house)
    assert encoded(house) == before


def test_a_damaged_cache_row_comes_back_from_the_index(house: House, docs: list[Document]) -> None:
    content = row_of(house, docs[0]).item.content_hash
    house.services.vectors.delete([content])
    house.services.vectors.put(fingerprint(house), {content: np.ones(384, np.float32)}, "float32")
    assert found(check(house)) == {Kind.DAMAGED_VECTOR: (1, 0)}
    assert found(check(house, repair=True)) == {Kind.DAMAGED_VECTOR: (1, 1)}
    assert_mended(house)


def test_only_what_neither_index_nor_cache_has_is_encoded(
    house: House, docs: list[Document]
) -> None:
    rows = [row_of(house, doc) for doc in docs[:2]]
    house.services.index.delete(index_name(house), [doc.id for doc in docs[:2]])
    broken, gone = (row.item.content_hash for row in rows)
    house.services.vectors.delete([broken, gone])
    house.services.vectors.put(fingerprint(house), {broken: np.ones(384, np.float32)}, "float32")
    before = encoded(house)
    report = check(house, repair=True)
    assert found(report) == {Kind.DAMAGED_VECTOR: (1, 1), Kind.MISSING: (2, 2)}
    assert_mended(house)
    assert encoded(house) == before + 2


def test_cached_vectors_that_nobody_needs_are_removed(house: House, docs: list[Document]) -> None:
    content = row_of(house, docs[0]).item.content_hash
    house.services.vectors.put(fingerprint(house), {"f" * 64: unit(1)[0]}, "float32")
    house.services.vectors.put("e" * 64, {content: unit(2)[0]}, "float32")
    assert check(house, grace=3600.0).is_clean  # too young to be judged
    assert found(check(house)) == {Kind.ORPHAN_VECTOR: (2, 0)}
    assert found(check(house, repair=True)) == {Kind.ORPHAN_VECTOR: (2, 2)}
    assert house.services.vectors.count() == 3
    assert_mended(house)


def test_what_documents_in_work_have_cached_stays(house: House, docs: list[Document]) -> None:
    waiting = house.accept("still to come", "later.txt")
    house.services.vectors.put(fingerprint(house), {"f" * 64: unit(1)[0]}, "float32")
    assert check(house, repair=True).is_clean
    house.ingest(waiting)
    assert found(check(house, repair=True)) == {Kind.ORPHAN_VECTOR: (1, 1)}


def test_a_lost_original_is_named_and_left_to_people(house: House, docs: list[Document]) -> None:
    house.services.blobs.delete(original(docs[0].content_hash))
    house.services.index.delete(index_name(house), [docs[0].id])
    report = check(house, repair=True)
    assert found(report) == {Kind.LOST_ORIGINAL: (1, 0), Kind.MISSING: (1, 0)}
    assert not report.is_repaired
    (lost,) = [one for one in report.differences if one.kind is Kind.LOST_ORIGINAL]
    assert lost.collection == "house"
    assert "heron" in lost.examples[0]
    assert house.now(docs[0]).state is State.READY
    # Adding it again is all it takes.
    house.offer("a heron in the river", "heron.txt", external_id="heron")
    assert check(house, repair=True).is_repaired
    assert_mended(house)


def test_blobs_that_nobody_refers_to_are_removed(house: House, docs: list[Document]) -> None:
    blobs = house.services.blobs
    for key in (original("f" * 64), *thumbnails("e" * 64)):
        blobs.put(key, io.BytesIO(b"nobody's"))
    for key in thumbnails(docs[2].content_hash):
        blobs.put(key, io.BytesIO(b"somebody's"))
    assert check(house, grace=3600.0).is_clean
    assert found(check(house)) == {Kind.ORPHAN_BLOB: (3, 0)}
    assert found(check(house, repair=True)) == {Kind.ORPHAN_BLOB: (3, 3)}
    assert all(blobs.exists(key) for key in thumbnails(docs[2].content_hash))
    assert_mended(house)


def test_leftovers_of_killed_puts_are_removed_when_they_are_old(
    house: House, docs: list[Document]
) -> None:
    folder = house.services.settings.data / "blobs" / "originals" / "ab"
    folder.mkdir(exist_ok=True)
    old, young = folder / ".new-old", folder / ".new-young"
    for file in (old, young):
        file.write_bytes(b"half")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    assert found(check(house, grace=3600.0)) == {Kind.LEFTOVER: (1, 0)}
    assert found(check(house, repair=True, grace=3600.0)) == {Kind.LEFTOVER: (1, 1)}
    assert (old.exists(), young.exists()) == (False, True)


def test_where_the_encoder_is_another_one_nothing_is_ingested_again(
    house: House, docs: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    (index,) = house.collection.indexes
    assert index.model is not None
    strange = replace(index, model=replace(index.model, fingerprint="0" * 64))
    other = replace(house.collection, indexes=(strange,))
    monkeypatch.setattr(house.services.records.collections, "all", lambda *_: [other])
    house.services.index.delete(index_name(house), [docs[0].id])
    report = check(house, repair=True)
    assert found(report)[Kind.FINGERPRINT] == (1, 0)
    assert found(report)[Kind.MISSING] == (1, 0)
    assert house.now(docs[0]).state is State.READY


def test_a_document_that_an_index_is_not_noted_to_hold_is_noted(
    house: House, docs: list[Document]
) -> None:
    (index,) = house.collection.indexes
    house.services.records.indexes.forget(index.id, [docs[0].id])
    assert found(check(house)) == {Kind.UNNOTED: (1, 0)}
    assert found(check(house, repair=True)) == {Kind.UNNOTED: (1, 1)}
    assert check(house).is_clean


def test_of_an_index_that_is_built_only_what_is_noted_is_missed(
    house: House, docs: list[Document]
) -> None:
    records, (live,) = house.services.records, house.collection.indexes
    id = records.indexes.add(house.collection.id, model=live.model)
    (_, building) = records.collections.get(house.collection.id).indexes
    house.services.index.create(building.index_name, building.dim)
    assert check(house).is_clean

    ((rows, vectors),) = house.services.index.scan(live.index_name)
    house.services.index.upsert(building.index_name, rows[:1], vectors[:1])
    assert check(house).is_clean  # what is written stands before it is noted
    records.indexes.note(id, [TEXT, IMAGE], {rows[0].item.document_id: rows[0].generation})
    assert check(house).is_clean

    house.services.index.remove(building.index_name, [rows[0].item.key])
    assert found(check(house, repair=True)) == {Kind.MISSING: (1, 1)}
    assert check(house).is_clean
    assert {house.now(doc).state for doc in docs} == {State.READY}


def test_one_collection_can_be_asked_for(house: House, docs: list[Document]) -> None:
    house.services.blobs.put(original("f" * 64), io.BytesIO(b"nobody's"))
    assert check(house, collection="house").is_clean
    with pytest.raises(NotFound, match="nowhere"):
        check(house, collection="nowhere")


def test_a_run_that_is_told_to_stop_says_so(house: House, docs: list[Document]) -> None:
    report = check(house, on_progress=lambda _: False)
    assert not report.complete
    assert report.items == 0


@pytest.mark.parametrize("moment", ["dim", "exists", "create"])
def test_a_collection_that_is_deleted_meanwhile_stays_deleted(
    house: House, docs: list[Document], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    act = getattr(house.services.index, moment)
    if moment == "create":
        house.services.index.drop(index_name(house))

    def delete_first(*arguments: object) -> object:
        house.services.records.collections.mark_deleted(house.collection.id)
        marked = house.services.records.collections.get(house.collection.id)
        delete_collection(marked, house.services)
        monkeypatch.undo()
        return act(*arguments)

    monkeypatch.setattr(house.services.index, moment, delete_first)
    report = check(house, repair=True)
    assert not house.services.index.exists(index_name(house))
    assert report.is_clean or moment == "create", report.differences


@pytest.mark.parametrize(
    "meanwhile",
    ["deleted", "replaced", "added"],
)
def test_what_changes_while_it_is_looked_at_is_no_difference(
    house: House, docs: list[Document], monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The records are read first, then the documents change, then the index is read."""
    scan = house.services.index.scan
    change: dict[str, Callable[[], object]] = {
        "deleted": lambda: delete_documents(
            house.services.records.documents.mark_deleted(house.collection.id, [docs[0].id]),
            house.services,
        ),
        "replaced": lambda: house.ingest(house.accept("other words", external_id="heron")),
        "added": lambda: house.ingest(house.accept("new words", external_id="new")),
    }

    def scan_later(name: str) -> Iterator[tuple[list[Row], Vectors]]:
        change[meanwhile]()
        yield from scan(name)

    monkeypatch.setattr(house.services.index, "scan", scan_later)
    report = check(house, repair=True)
    assert report.is_clean, report.differences


def test_beside_a_running_ingest_nothing_differs(house: House, docs: list[Document]) -> None:
    """Documents are added, replaced, put back and deleted while verify runs with a repair, over and over."""
    done = threading.Event()

    def work() -> None:
        try:
            for number in range(12):
                mine = f"mine-{number}"
                house.ingest(house.accept(f"a boat, number {number}", external_id=mine))
                house.ingest(house.accept(f"a train, number {number}", external_id="shared"))
                waiting = house.accept(f"a kite, number {number}")
                house.services.records.claims.put_back(house.claim(waiting))
                house.ingest(waiting)
                records = house.services.records.documents
                marked = records.mark_deleted(house.collection.id, [waiting.id])
                delete_documents(marked, house.services)
        finally:
            done.set()

    worker = threading.Thread(target=work)
    worker.start()
    reports = [check(house, repair=True, grace=3600.0)]
    while not done.is_set():
        reports.append(check(house, repair=True, grace=3600.0))
    worker.join()
    assert len(reports) > 5
    assert [report.differences for report in reports if not report.is_clean] == []
    assert_mended(house, items=3 + 12 + 1)


def test_memory_does_not_grow_with_what_is_verified(house: House) -> None:
    fill(house, documents=60, items=100)
    check(house)
    tracemalloc.start()
    report = check(house)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.is_clean
    assert report.items == 6_000
    assert peak < 8 * 2**20  # the vectors alone have 9 MB in the index, and as much in the cache


def fill(house: House, documents: int, items: int) -> None:
    """Documents as the workers leave them, without their work."""
    services, random = house.services, np.random.default_rng(0)
    for number in range(documents):
        (doc,) = house.claim(house.accept(f"document {number}", external_id=f"{number}"))
        hashes = [text_hash(f"{number}.{position}") for position in range(items)]
        made = [
            Item(item_key(doc, position, content), doc.id, TEXT, position, content)
            for position, content in enumerate(hashes)
        ]
        drawn = random.normal(size=(items, 384)).astype(np.float32)
        vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        services.index.upsert(
            index_name(house), [Row(item, 1, doc.media_type) for item in made], vectors
        )
        services.vectors.put(fingerprint(house), dict(zip(hashes, vectors, strict=True)), "float32")
        held = {house.collection.indexes[0].id: Held(items)}
        services.records.claims.ready([Done(doc, made, held, ())])
