"""Which indexes a side is made of, and that nothing of one is taken for the other's."""

from dataclasses import replace

import numpy as np
import pytest

from samespace.core.errors import Conflict
from samespace.core.types import IMAGE, TEXT, Modality, Space
from samespace.store.records import Collection, IndexRecord, Role
from samespace.store.records.model_changes import ModelChange
from samespace.store.records.models import model_of
from search.parts import ItemPart, Query, TextPart
from search.query import search
from search.sides import Held, check_held, held_of, role_beside, side_of, sides_of
from tests.search.world import World


def index(name: str, *modalities: Modality, role: Role = Role.LIVE) -> IndexRecord:
    space = Space(name, "builtin", f"builtin:{name}", 4, frozenset(modalities), 64)
    model = model_of(space, "fp" * 32)
    return IndexRecord(f"{name}-{role}", "c1", "dense", model, role, f"i_{name}", 0, 1, 0.0, 0.0)


def collection(*indexes: IndexRecord, name: str = "photos") -> Collection:
    return Collection("c1", name, "clip", indexes, "ready", 0.0)  # type: ignore[arg-type]


def names(some: tuple[IndexRecord, ...]) -> list[str]:
    return [one.name for one in some]


def test_a_whole_preset_takes_the_place_of_another() -> None:
    new = (index("words", TEXT, role=Role.BUILDING), index("eyes", TEXT, IMAGE, role=Role.BUILDING))
    sides = sides_of(collection(index("starter", TEXT, IMAGE), *new))

    assert (names(sides.live.indexes), names(sides.other.indexes)) == (
        ["starter"],
        ["words", "eyes"],
    )
    assert names(sides.other.asked.spaces) == ["words", "eyes"]
    assert names(sides.live.asked.spaces) == ["starter"]
    assert (sides.live.name, sides.other.name) == ("starter (live)", "words + eyes (building)")


def test_one_of_two_is_changed_alone_and_the_other_stays() -> None:
    live = (index("text", TEXT), index("clip", TEXT, IMAGE))
    by_name = sides_of(collection(*live, index("clip", TEXT, IMAGE, role=Role.BUILDING)))
    by_modality = sides_of(collection(*live, index("e5", TEXT, role=Role.BUILDING)))

    assert names(by_name.live.indexes) == ["clip"]
    assert names(by_name.other.asked.spaces) == ["clip", "text"]
    assert names(by_modality.live.indexes) == ["text"]
    assert names(by_modality.other.asked.spaces) == ["e5", "clip"]


def test_what_a_change_says_goes_before_what_names_and_modalities_do() -> None:
    live = (index("text", TEXT), index("clip", TEXT, IMAGE))
    both = index("starter", TEXT, IMAGE, role=Role.BUILDING)
    change = ModelChange(
        collection_id="c",
        preset="starter",
        before="clip",
        space="text",
        incoming=(both.id,),
        outgoing=(live[0].id,),
        is_switched=False,
        wants=None,
        force=False,
        keep_days=7.0,
        created_at=0.0,
        switched_at=None,
        kept_until=None,
    )
    sides = sides_of(collection(*live, both), change)

    assert names(sides.live.indexes) == ["text"]
    assert names(sides.other.asked.spaces) == ["starter", "clip"]


def test_a_model_that_takes_less_takes_the_place_of_all_the_same() -> None:
    sides = sides_of(
        collection(index("starter", TEXT, IMAGE), index("e5", TEXT, role=Role.BUILDING))
    )

    assert names(sides.live.indexes) == ["starter"]
    assert names(sides.other.asked.spaces) == ["e5"]
    assert sides.other.modalities == {TEXT}


def test_what_is_built_is_compared_before_what_was_retired() -> None:
    live, new, old = (
        index("a", TEXT, role=role) for role in (Role.LIVE, Role.BUILDING, Role.RETIRED)
    )
    both = collection(live, new, old)

    assert role_beside(both) is Role.BUILDING
    assert sides_of(both).other.role is Role.BUILDING
    assert side_of(both, Role.RETIRED).role is Role.RETIRED
    assert role_beside(collection(live)) is None
    with pytest.raises(Conflict, match="samespace collections model photos MODEL"):
        sides_of(collection(live))
    with pytest.raises(Conflict, match="no retired index"):
        side_of(collection(live), Role.RETIRED)


def test_a_pair_is_the_same_whichever_is_live() -> None:
    one, two = index("a", TEXT), index("b", TEXT, role=Role.BUILDING)
    before = sides_of(collection(one, two))
    after = sides_of(collection(replace(one, role=Role.RETIRED), replace(two, role=Role.LIVE)))

    assert before.pair == after.pair
    assert (before.live.key, before.other.key) == (after.other.key, after.live.key)


def test_much_that_is_missing_has_to_be_asked_for() -> None:
    sides = sides_of(collection(index("a", TEXT), index("b", TEXT, role=Role.BUILDING)))

    check_held(sides, Held(20, frozenset({"d1"})), partial=False)
    with pytest.raises(Conflict, match=r"index b \(building\) holds 18 of 20 documents"):
        check_held(sides, Held(20, frozenset({"d1", "d2"})), partial=False)
    check_held(sides, Held(20, frozenset({"d1", "d2"})), partial=True)


def test_each_side_is_asked_by_its_own_vectors_and_background(world: World) -> None:
    for text in ("red car", "blue boat", "green tree"):
        world.add(text)
    (live,) = world.collection.spaces
    records = world.records
    id = records.indexes.add(world.collection.id, model=live.model)
    found = records.collections.get(world.collection.id)
    (second,) = (one for one in found.indexes if one.id == id)
    world.index.create(second.index_name, second.dim)
    ((rows, vectors),) = world.index.scan(live.index_name)
    world.index.upsert(second.index_name, rows, np.roll(vectors, 1, axis=0))
    records.indexes.note(id, second.modalities, {row.item.document_id: 1 for row in rows[:2]})
    sides = sides_of(found)

    query = Query((TextPart("red car"),))
    live_answer, other_answer = (search(query, side.asked, world.searcher) for side in sides)
    shifted = {row.item.key: rows[i - 1].item.text for i, row in enumerate(rows)}

    assert live_answer.hits[0].text == "red car"
    assert shifted[other_answer.hits[0].id] == "red car"
    like = Query((ItemPart(rows[0].item.key),), leave_out=frozenset({rows[0].item.key}))
    scores = [search(like, side.asked, world.searcher).hits for side in sides]
    assert [hit.parts[0].cosine for hit in scores[0]] != [hit.parts[0].cosine for hit in scores[1]]
    assert held_of(sides, records) == Held(3, frozenset({rows[2].item.document_id}))
