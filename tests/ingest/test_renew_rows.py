"""Index rows of an older release: written anew where they stand, while searches go on."""

from dataclasses import replace
from typing import Any

import pytest

from ingest.renew_rows import renew_rows
from samespace.core.progress import Report, unwatched
from samespace.core.types import Row, Vectors
from samespace.store import milvus_schema
from samespace.store.filters import parse_filter
from samespace.store.index_milvus import MilvusIndex
from samespace.store.records import Collection, Document
from samespace.store.records.tables import indexes
from samespace.store.rows import ROWS_VERSION
from samespace.store.sql import writing
from tests.ingest.house import House
from tests.services import Server
from tests.store.memory_index import MemoryIndex


def make_old(house: House) -> None:
    """As a release before left it: rows that know nothing of their documents, and a collection that says so."""
    (space,) = house.collection.spaces
    for rows, vectors in house.services.index.scan(space.index_name):
        old = [replace(row, name="", added=None) for row in rows]
        house.services.index.upsert(space.index_name, old, vectors)
    say_old(house)


def say_old(house: House) -> None:
    with writing(house.services.records.engine) as connection:
        connection.execute(indexes.update().values(rows_version=1))


def count(house: House, **where: Any) -> int:
    (space,) = house.collection.spaces
    return house.services.index.count(space.index_name, parse_filter(where))


def renew(house: House, on_progress: Report = unwatched) -> bool:
    services = house.services
    return renew_rows(on_record(house), services.records, services.index, on_progress=on_progress)


def version(house: House) -> int:
    return on_record(house).rows_version


def on_record(house: House) -> Collection:
    return house.services.records.collections.get(house.collection.id)


def test_rows_know_their_documents_afterwards(house: House) -> None:
    docs = house.ingest(house.accept("one", "Caf\u00e9.txt"), house.accept("two", "b.txt"))
    before = house.rows()
    make_old(house)
    assert (count(house, **{"$name": "b.txt"}), version(house)) == (0, 1)

    assert renew(house)

    assert count(house, **{"$name": "CAFE\u0301.TXT"}) == 1
    assert count(house, **{"$added": {"gte": "2020-01-01"}}) == 2
    assert (house.rows(), version(house)) == (before, ROWS_VERSION)
    assert [house.now(doc) for doc in docs] == docs


def test_what_was_cut_short_is_owed_still(house: House) -> None:
    house.ingest(house.accept("one"))
    make_old(house)
    assert not renew(house, on_progress=lambda _: False)
    assert version(house) == 1
    assert renew(house)
    assert version(house) == ROWS_VERSION


def test_rows_of_no_live_version_are_left_alone(house: House) -> None:
    (doc,) = house.ingest(house.accept("one", external_id="a"))
    (space,) = house.collection.spaces
    ((rows, vectors),) = house.services.index.scan(space.index_name)
    stray = replace(rows[0], generation=7, item=replace(rows[0].item, key="f" * 32))
    house.services.index.upsert(space.index_name, [stray], vectors)
    make_old(house)

    assert renew(house)

    assert count(house, **{"$name": doc.name}) == 1
    assert len(house.rows()) == 2


def test_a_document_deleted_meanwhile_stays_gone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = house.ingest(house.accept("one", "a.txt"), house.accept("two", "b.txt"))
    make_old(house)
    index = house.services.index
    assert isinstance(index, MemoryIndex)
    write = index.upsert

    def upsert(name: str, rows: list[Row], vectors: Vectors) -> None:
        house.services.records.documents.mark_deleted(house.collection.id, [gone.id])
        index.delete(name, [gone.id])
        write(name, rows, vectors)

    monkeypatch.setattr(index, "upsert", upsert)
    assert renew(house)
    assert [row.item.document_id for row in house.rows()] == [kept.id]


def test_facets_of_release_0_3_0_become_those_of_this_one(
    house: House, lite_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Milvus the old facets stand beside the row: texts as they were, no dates, no keys with blanks."""
    index = MilvusIndex(lite_server.uri)
    (space,) = house.collection.spaces
    index.create(space.index_name, space.dim)
    metadata = {"Due date": "2024-5-2", "place": "Caf\u00e9", "id": 2**53 + 1}
    (doc,) = house.ingest(house.accept("one", metadata=metadata))
    ((rows, vectors),) = house.services.index.scan(space.index_name)
    with monkeypatch.context() as older:
        older.setattr(milvus_schema, "row_facets", facets_of_0_3_0)
        index.upsert(space.index_name, rows, vectors)
    asked = (
        {"Due date": {"gte": "2024-05-02", "lt": "2024-05-10"}},
        {"place": "CAFE\u0301"},
        {"id": 2**53 + 1},
        {"$name": doc.name},
        {"$added": {"gte": "2020-01-01"}},
    )
    assert [index.count(space.index_name, parse_filter(one)) for one in asked] == [0] * 5

    say_old(house)
    assert renew_rows(on_record(house), house.services.records, index)

    assert [index.count(space.index_name, parse_filter(one)) for one in asked] == [1] * 5
    assert index.count(space.index_name, parse_filter({"id": 2**53})) == 0
    assert index.get(space.index_name, [rows[0].item.key])[0] == rows
    index.drop(space.index_name)


def facets_of_0_3_0(row: Row) -> dict[str, Any]:
    """What that release wrote of these keys."""
    place, number = row.metadata["place"], row.metadata["id"]
    return {"place": {"s": place, "t": [place]}, "id": {"n": float(number)}}


def test_a_new_collection_is_of_this_release(house: House) -> None:
    doc: Document = house.accept("one", "a.txt")
    house.ingest(doc)
    assert version(house) == ROWS_VERSION
    assert count(house, **{"$name": "A.TXT"}) == 1
