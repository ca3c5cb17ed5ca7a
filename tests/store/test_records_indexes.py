"""Indexes on record: their roles, and what is noted of the documents they hold."""

import pytest

from samespace.core.errors import NotFound
from samespace.core.types import IMAGE, TEXT, Item
from samespace.encoders.presets import PRESETS
from samespace.store.records import Collection, Document, Records, Role
from samespace.store.records.claims import Done
from samespace.store.records.indexes import Held
from samespace.store.records.models import ensure_models, model_of, read_models
from samespace.store.sql import writing
from tests.store.sql_fixtures import MODEL, collection, database_url, digest, offer, records

__all__ = ["collection", "database_url", "records"]

TEXTS = [TEXT]


def ready(records: Records, id: str, content: str = "one", *, held: bool = True) -> Document:
    """A document of a passage and a picture is live, noted in its index or not."""
    records.documents.accept(offer(id, content, external_id=id))
    (doc,) = records.claims.claim([id], "w", 60)
    items = [
        Item(f"{id}-{doc.generation}-{place}", id, modality, place, digest(content))
        for place, modality in enumerate([TEXT, IMAGE])
    ]
    (index,) = (one for one in records.collections.get("c1").live)
    noted = {index.id: Held(2)} if held else {}
    (live,) = records.claims.ready([Done(doc, items, noted, ())])
    return live


@pytest.mark.parametrize("preset", PRESETS)
def test_a_model_comes_back_as_it_was(records: Records, preset: str) -> None:
    made = [model_of(space, "f" * 64) for space in PRESETS[preset]]
    with writing(records.engine) as connection:
        ensure_models(connection, made)
        ensure_models(connection, made)
        assert read_models(connection, [one.id for one in made]) == {one.id: one for one in made}


def test_another_weight_is_another_model() -> None:
    (space,) = PRESETS["starter"]
    assert model_of(space, "f" * 64).id != model_of(space, "e" * 64).id


def test_a_second_index_is_built_beside_the_live_one(
    records: Records, collection: Collection
) -> None:
    id = records.indexes.add("c1", model=MODEL)
    (live, building) = records.collections.find("cats").indexes
    assert (building.id, building.role, building.position) == (id, Role.BUILDING, 1)
    assert building.index_name != live.index_name
    assert records.collections.find("cats").spaces == (live,)


def test_there_is_no_index_without_its_collection(records: Records) -> None:
    with pytest.raises(NotFound, match="no collection with id 'c9'"):
        records.indexes.add("c9", model=MODEL)


def test_two_change_places_and_back(records: Records, collection: Collection) -> None:
    (old,) = collection.indexes
    new = records.indexes.add("c1", model=MODEL)

    records.indexes.give_roles({old.id: Role.RETIRED, new: Role.LIVE})
    after = records.collections.get("c1")
    assert [one.id for one in after.live] == [new]
    assert all(one.changed_at > one.created_at for one in after.indexes)

    records.indexes.give_roles({old.id: Role.LIVE, new: Role.RETIRED})
    assert [one.id for one in records.collections.get("c1").live] == [old.id]


def test_what_an_index_lacks_is_known_at_any_time(records: Records, collection: Collection) -> None:
    (live,) = collection.indexes
    other = records.indexes.add("c1", model=MODEL)
    ready(records, "d1")
    ready(records, "d2")
    unnoted = records.holdings.unnoted
    assert list(unnoted("c1", live.id)) == []
    assert list(unnoted("c1", other)) == [("d1", 1), ("d2", 1)]

    records.indexes.note(other, TEXTS, {"d1": 1, "d2": 1})
    assert list(unnoted("c1", other)) == []
    noted = records.holdings.live_items("c1", TEXTS, noted_in=other)
    assert [item.document_id for item in noted] == ["d1", "d2"]

    ready(records, "d1", "two")
    assert list(unnoted("c1", live.id)) == []
    assert list(unnoted("c1", other)) == [("d1", 2)]
    noted = records.holdings.live_items("c1", TEXTS, noted_in=other)
    assert [item.document_id for item in noted] == ["d2"]

    records.indexes.forget(other, ["d2"])
    assert list(unnoted("c1", other)) == [("d1", 2), ("d2", 1)]


def test_a_note_of_a_version_that_was_replaced_meanwhile_is_none(
    records: Records, collection: Collection
) -> None:
    other = records.indexes.add("c1", model=MODEL)
    ready(records, "d1")
    ready(records, "d1", "two")
    records.indexes.note(other, TEXTS, {"d1": 1, "gone": 1})
    assert list(records.holdings.unnoted("c1", other)) == [("d1", 2)]


def test_notes_go_with_their_document_and_with_their_index(
    records: Records, collection: Collection
) -> None:
    other = records.indexes.add("c1", model=MODEL)
    ready(records, "d1")
    ready(records, "d2")
    records.indexes.note(other, TEXTS, {"d1": 1, "d2": 1})
    records.documents.mark_deleted("c1", ["d1"])
    assert records.documents.remove("d1")
    records.indexes.remove(other)
    assert [one.id for one in records.collections.get("c1").indexes] == [collection.indexes[0].id]
    records.documents.mark_deleted("c1")
    assert records.documents.remove("d2")
    records.collections.mark_deleted("c1")
    records.collections.remove("c1")
    assert records.collections.all() == []
