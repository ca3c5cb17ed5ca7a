"""Classification of a whole collection from its stored vectors."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from samespace.core.errors import InvalidRequest
from samespace.core.progress import Progress
from samespace.core.types import IMAGE
from search import caches as module
from search.classify_collection import classify_collection, only_there
from search.labels import Label, LabelSet
from tests.search.world import World, picture_of, write

MakeWorld = Callable[..., World]

PETS = LabelSet((Label("dog"), Label("cat"), Label("bird")), templates=("{}",))


def run(world: World, label_set: LabelSet = PETS, **options: Any) -> dict[str, Any]:
    kept = ("collection", "records", "index", "encoders", "settings")
    return classify_collection(label_set, **{name: world.stack[name] for name in kept}, **options)


def counts(result: dict[str, Any]) -> dict[str, int]:
    return {label["name"]: label["count"] for label in result["labels"]}


def fill(world: World) -> None:
    world.add("my dog", "dog", "the dog barks loudly", name="dogs.txt")
    world.add(picture_of("cat"), "quantum chromodynamics of gluons")


def test_every_live_item_is_counted_once(make: MakeWorld) -> None:
    world = make(preset="clip")
    fill(world)
    gone = world.add("bird")
    world.records.documents.mark_deleted(world.collection.id, [gone.id])
    write(world, world.accept("half.txt", {}), ["bird"])
    result = run(world)
    assert counts(result) == {"dog": 3, "cat": 1, "bird": 0}
    assert (result["total"], result["none"], result["complete"]) == (5, 1, True)


def test_the_best_items_come_best_first(world: World) -> None:
    fill(world)
    dogs = run(world, best=2)["labels"][0]
    assert [item["text"] for item in dogs["best"]] == ["dog", "my dog"]
    assert dogs["best"][0]["document_name"] == "dogs.txt"
    assert dogs["best"][0]["confidence"] >= dogs["best"][1]["confidence"]
    cat = run(world)["labels"][1]["best"][0]
    assert cat["modality"] == "image"
    assert (
        cat["content_hash"]
        == world.records.documents.get(world.collection.id, cat["document_id"]).live_hash
    )


def test_the_result_is_json(world: World) -> None:
    fill(world)
    result = run(world)
    assert json.loads(json.dumps(result)) == result


def test_one_modality_alone(world: World) -> None:
    fill(world)
    assert counts(run(world, modalities=[IMAGE])) == {"dog": 0, "cat": 1, "bird": 0}


def test_nothing_but_the_labels_is_encoded(world: World) -> None:
    fill(world)
    world.encoder().calls.clear()
    run(world)
    assert world.encoder().calls == [("texts", 3, False)]


def test_progress_is_told_and_may_stop_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    fill(world)
    told: list[Progress] = []

    def listen(so_far: Progress) -> bool:
        told.append(so_far)
        return so_far.done < 3

    result = run(world, on_progress=listen)
    assert told == [Progress(0, 5), Progress(1, 5), Progress(3, 5)]
    assert (result["complete"], result["total"]) == (False, 3)
    assert run(world, on_progress=lambda *_: False)["total"] == 0


def test_bad_label_sets_are_refused(world: World) -> None:
    with pytest.raises(InvalidRequest, match="given twice"):
        run(world, LabelSet((Label("dog"), Label("dog"))))


def test_the_least_certain_and_those_of_none_are_shown(make: MakeWorld) -> None:
    world = make(preset="clip")
    fill(world)
    result = run(world, best=1)
    [dog, *_] = result["labels"]
    [surest], [unsurest] = dog["best"], dog["least_certain"]
    assert surest["text"] == "dog"
    assert unsurest["confidence"] < surest["confidence"]
    assert [item["text"] for item in result["none_items"]] == ["quantum chromodynamics of gluons"]


def test_a_kept_result_shows_no_items_of_documents_that_went(world: World) -> None:
    gone = world.add("my dog")
    world.add("dog")
    result = run(world)
    world.records.documents.mark_deleted(world.collection.id, [gone.id])
    there = only_there(result, world.records)
    for kind in ("best", "least_certain"):
        assert [item["text"] for item in there["labels"][0][kind]] == ["dog"]
    of_0_2_0 = {
        "total": 2,
        "labels": [{"name": "dog", "count": 2, "best": result["labels"][0]["best"]}],
    }
    there = only_there(of_0_2_0, world.records)
    assert there["none_items"] == there["labels"][0]["least_certain"] == []
    assert len(there["labels"][0]["best"]) == 1
