"""What classification keeps for the next label set: the same answers, read and encoded only where something is new."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from samespace.core.errors import GivenUp
from samespace.core.progress import Progress
from samespace.core.types import Modality
from search import caches as module
from search.caches import Caches, LabelVectors, Scans
from search.classify_collection import classify_collection
from search.labels import Label, LabelSet, encode_labels
from tests.search.world import World
from tests.store.memory_index import MemoryIndex

DOG, CAT = Label("dog"), Label("cat")
PETS = LabelSet((DOG, CAT), templates=("{}",))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modality of each scan of the index."""
    reads: list[str] = []
    scan = MemoryIndex.scan

    def counted(self: MemoryIndex, name: str, **more: Any) -> Iterator[Any]:
        reads.append(str(more["modality"]))
        return scan(self, name, **more)

    monkeypatch.setattr(MemoryIndex, "scan", counted)
    return reads


def run(world: World, caches: Caches | None, label_set: LabelSet = PETS) -> dict[str, Any]:
    names = ("collection", "records", "index", "encoders", "settings")
    return classify_collection(
        label_set, caches=caches, **{name: world.stack[name] for name in names}
    )


def test_an_unchanged_collection_is_read_once(world: World, reads: list[str]) -> None:
    world.add("my dog", "a cat", "the cat sleeps")
    caches = Caches()
    assert run(world, caches) == run(world, caches) == run(world, None)
    assert reads == ["image", "text"] * 2


def test_every_change_of_its_documents_is_seen(world: World, reads: list[str]) -> None:
    caches = Caches()
    first = world.add("my dog")
    assert run(world, caches)["total"] == 1
    world.records.documents.mark_deleted(world.collection.id, [first.id])
    assert run(world, caches)["total"] == 0
    world.add("a cat")
    result = run(world, caches)
    assert [label["count"] for label in result["labels"]] == [0, 1]
    assert len(reads) == 6


def test_an_index_that_lacks_rows_is_read_again(world: World) -> None:
    caches = Caches()
    world.add("my dog", "a cat")
    name = world.collection.spaces[0].index_name
    [(rows, vectors)] = list(world.index.scan(name))
    world.index.remove(name, [rows[0].item.key])
    assert run(world, caches)["total"] == 1
    world.index.upsert(name, rows, vectors)
    assert run(world, caches)["total"] == 2


def test_only_new_labels_are_encoded(world: World) -> None:
    caches = Caches()
    world.add("my dog")
    run(world, caches)
    calls = world.encoder().calls
    calls.clear()
    changed = LabelSet((CAT, Label("bird", ("a bird", "a wren")), DOG), templates=("{}",))
    assert run(world, caches, changed) == run(world, None, changed)
    assert calls[0] == ("texts", 2, False)


def test_what_is_too_large_is_not_kept(
    world: World, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    world.add("my dog", "a cat", "the cat sleeps")
    caches = Caches(scans=Scans(most_bytes=2500))
    assert run(world, caches)["total"] == run(world, caches)["total"] == 3
    assert reads.count("text") == 2


def test_who_breaks_off_finds_what_was_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROMPTS", 4)
    names = [f"label{i}" for i in range(10)]
    label_set = LabelSet(tuple(map(Label, names)), templates=("{}", "a {}"))
    encoder = world.encoder()
    vectors = LabelVectors()

    def leave() -> None:
        if len(encoder.calls) == 3:
            raise GivenUp("the one who asked has gone")

    with pytest.raises(GivenUp):
        vectors.get(label_set, Modality.TEXT, encoder, on_some=leave)
    assert encoder.calls == [("texts", 4, False)] * 3
    whole = vectors.get(label_set, Modality.TEXT, encoder)
    assert encoder.calls == [("texts", 4, False)] * 5
    np.testing.assert_array_equal(whole, encode_labels(label_set, Modality.TEXT, encoder))


def test_a_job_that_is_called_off_encodes_no_more_labels(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PROMPTS", 2)
    world.add("my dog")
    asked: list[int] = []

    def listen(so_far: Progress) -> bool:
        asked.append(so_far.done)
        return len(asked) < 3

    calls = world.encoder().calls
    calls.clear()
    many = LabelSet(tuple(Label(f"label{i}") for i in range(10)), templates=("{}",))
    names = ("collection", "records", "index", "encoders", "settings")
    result = classify_collection(
        many, on_progress=listen, **{name: world.stack[name] for name in names}
    )
    assert result["complete"] is False
    assert calls == [("texts", 2, False)] * 2
