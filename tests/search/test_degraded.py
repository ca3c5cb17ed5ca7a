"""Parts of a collection that cannot answer are named, never silently left out (and nothing left is a 503)."""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from samespace.core.content import of_texts
from samespace.core.errors import FingerprintMismatch, InvalidRequest, Unavailable
from search.answer import Answer
from search.labels import Label, LabelSet
from search.paging import continue_search
from search.query import similar
from search.zeroshot import classify, classify_items
from tests.search.world import World, picture_of

MakeWorld = Callable[..., World]
LABELS = LabelSet((Label("car"), Label("boat")))


@pytest.fixture
def both(make: MakeWorld) -> World:
    """Two spaces: "text" takes words, "clip" words and pictures; three passages and a picture."""
    world = make(preset="clip")
    world.add("red car", "blue boat", "green tree")
    world.add(picture_of("red car"))
    return world


def missing(answer: Answer) -> list[str]:
    return [gap.space for gap in answer.missing]


def on(world: World, cursor: str, limit: int = 1) -> Answer:
    """The next stretch."""
    return continue_search(cursor, world.collection, world.searcher, limit=limit)


def drop(world: World, space: str) -> None:
    (record,) = [one for one in world.collection.spaces if one.name == space]
    world.index.drop(record.index_name)


def fail(*_args: object, **_options: object) -> Any:
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


def give_nan(self: Any, texts: list[str], **_: object) -> NDArray[np.float32]:
    return np.full((len(texts), 128), np.nan, np.float32)


@pytest.mark.parametrize(
    "breakage",
    [
        lambda world, _: drop(world, "clip"),
        lambda world, _: setattr(world.encoder("clip"), "broken", True),
        lambda world, _: setattr(world.encoder("clip"), "fingerprint", "another"),
        lambda world, patch: patch.setattr(world.encoder("clip"), "encode", fail),
        lambda world, patch: patch.setattr(
            world.encoder("clip"), "encode", give_nan.__get__(world)
        ),
    ],
    ids=["index dropped", "no weights", "other weights", "crash", "no numbers"],
)
def test_whatever_breaks_in_one_space_the_other_answers_and_says_so(
    both: World, breakage: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = both.search("red car")
    assert (whole.partial, whole.missing) == (False, ())
    breakage(both, monkeypatch)
    answer = both.search("red car")
    assert answer.partial
    assert missing(answer) == ["clip"]
    assert answer.missing[0].reason
    assert answer.hits[0].text == "red car"
    assert {part.space for hit in answer.hits for part in hit.parts} == {"text"}


def test_with_nothing_left_it_is_unavailable_and_each_reason_is_said(both: World) -> None:
    drop(both, "clip")
    both.encoder("text").broken = True
    with pytest.raises(Unavailable, match=r"text: the model of text .*; clip: no collection c_"):
        both.search("red car")


def test_only_other_encoders_are_a_conflict_that_waiting_does_not_mend(both: World) -> None:
    for name in ("text", "clip"):
        both.encoder(name).fingerprint = "another"
    with pytest.raises(FingerprintMismatch, match="no space of the collection answers: text: "):
        both.search("red car")
    both.encoder("clip").fingerprint, both.encoder("clip").broken = "of words", True
    with pytest.raises(Unavailable):
        both.search("red car")


def test_what_is_like_an_item_names_what_is_missing_too(both: World) -> None:
    key = next(hit.id for hit in both.search("red car").hits if hit.text)
    drop(both, "clip")
    answer = similar(key, both.collection, both.searcher)
    assert missing(answer) == ["clip"]
    assert key not in {hit.id for hit in answer.hits} != set()


def test_the_next_page_of_a_partial_ranking_is_partial(both: World) -> None:
    both.encoder("clip").broken = True
    first = both.search("red car", limit=1)
    both.encoder("clip").broken = False
    assert first.cursor
    second = on(both, first.cursor)
    assert second.hits
    assert missing(second) == ["clip"]
    assert second.missing == first.missing


def test_a_page_that_a_space_can_no_longer_show_says_so(both: World) -> None:
    first = both.search("green tree", limit=1)
    assert first.cursor
    assert not first.partial
    drop(both, "clip")
    rest = on(both, first.cursor, limit=10)
    assert missing(rest) == ["clip"]
    assert {hit.text for hit in rest.hits} <= {"red car", "blue boat", "green tree"}
    assert rest.hits
    drop(both, "text")
    with pytest.raises(Unavailable, match="no space of the collection answers"):
        on(both, first.cursor)


def test_a_lost_background_is_not_a_lost_space(both: World) -> None:
    """The sample from before serves while the index cannot count; the answer is whole."""
    before = both.search("red car")

    def refuse(method: str, _arguments: Mapping[str, Any]) -> None:
        if method == "count":
            raise Unavailable("the index is too busy to count")

    both.index.heard = refuse
    after = both.search("red car")
    assert not after.partial
    assert [hit.score for hit in after.hits] == [hit.score for hit in before.hits]


def test_classifying_never_leaves_a_part_out(both: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [hit.id for hit in both.search("red car").hits]
    monkeypatch.setattr(both.encoder("clip"), "encode", fail)
    with pytest.raises(Unavailable, match="unexpected RuntimeError: CUDA"):
        classify_items(keys, LABELS, both.collection, both.searcher)
    monkeypatch.undo()
    drop(both, "text")
    with pytest.raises(Unavailable, match="no collection c_"):
        classify_items(keys, LABELS, both.collection, both.searcher)


def test_a_text_and_a_prompt_that_are_cut_are_named(both: World) -> None:
    space = both.encoder("clip").space
    long = "word " * space.max_tokens
    cut, whole = classify(of_texts([long, "a car"]), LABELS, [space], both.searcher)
    assert [f"{space.max_tokens + 2} tokens" in warning for warning in cut.warnings] == [True]
    assert whole.warnings == ()
    wordy = LabelSet((Label("car", (long,)), Label("boat")))
    assert len(classify(of_texts(["a car"]), wordy, [space], both.searcher)[0].warnings) == 1


@pytest.mark.parametrize("change", [{"form": 1}, {"form": None}, {}], ids=str)
def test_a_cursor_of_another_release_is_refused_not_stumbled_over(
    world: World, change: dict[str, Any]
) -> None:
    world.add(*(f"red car {i}" for i in range(5)))
    cursor = world.search("red car", limit=1).cursor
    assert cursor
    id = urlsafe_b64decode(cursor)[:16].hex()
    kept = orjson.loads(world.cursors._snapshots.get(id) or b"")
    old = {name: value for name, value in kept.items() if name in {"secret", "collection_id"}}
    world.cursors._snapshots.put(id, orjson.dumps(old | change), 60)
    with pytest.raises(InvalidRequest, match="another release"):
        on(world, cursor)
