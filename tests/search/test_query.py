"""Searching: parts, spaces, what is live, what is missing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samespace.core.errors import (
    FingerprintMismatch,
    InvalidRequest,
    NotFound,
    Unavailable,
    Unsupported,
)
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Nearest
from samespace.encoders.presets import PRESETS, SENTENCES, TEXTS
from samespace.store.filters import parse_filter
from samespace.store.records import Records, open_records
from search.answer import Answer
from search.parts import ContentPart, ItemPart, TextPart
from search.query import similar
from tests.search.world import WordEncoders, World, new_collection, picture_of, write
from tests.store.sql_fixtures import lay_tables

MakeWorld = Callable[..., World]

WORDS = ("red", "blue", "car", "bus", "dog", "cat", "tree", "house")


def texts(answer: Answer) -> list[str]:
    return [hit.text for hit in answer.hits]


def modalities(answer: Answer) -> list[str]:
    return [str(hit.modality) for hit in answer.hits]


def test_words_find_passages_and_pictures(world: World) -> None:
    world.add("a red car", "a green tree")
    world.add(picture_of("red car"), name="car.jpg")
    world.add(picture_of("sleeping dog"))
    answer = world.search("red car")
    assert answer.total == 4
    assert {hit.document_name for hit in answer.hits[:2]} == {"2 items", "car.jpg"}
    assert sorted(modalities(answer)[:2]) == ["image", "text"]


def test_a_hit_says_what_and_why(world: World) -> None:
    document = world.add("a green tree", "a red car", name="things.txt", metadata={"year": 1999})
    hit = world.search("red car").hits[0]
    assert (hit.document_id, hit.document_name, hit.external_id) == (
        document.id,
        "things.txt",
        None,
    )
    assert (hit.text, hit.position, hit.modality) == ("a red car", 1, TEXT)
    assert (hit.metadata, hit.media_type) == ({"year": 1999}, "text/plain")
    (part,) = hit.parts
    assert (part.space, part.rank, part.calibrated) == ("starter", 1, hit.score)
    assert 0.5 < part.cosine <= 1


def test_a_picture_finds_passages_and_pictures(world: World) -> None:
    world.add("a red car", "a green tree", picture_of("red car"), picture_of("tree"))
    answer = world.search(ContentPart(picture_of("red car")))
    assert {hit.text for hit in answer.hits[:2]} == {"a red car", ""}
    assert answer.hits[0].score > answer.hits[2].score


def test_parts_pull_and_push_by_their_weight(world: World) -> None:
    world.add("red car", "red bus", "blue car", "blue bus")
    both = world.search(TextPart("red"), TextPart("car", 2.0))
    assert texts(both)[:2] == ["red car", "blue car"]
    without = world.search(TextPart("red", -1.0), TextPart("car"))
    assert texts(without)[0] == "blue car"
    assert texts(without)[-1] == "red bus"


def test_only_wanted_modalities_are_answered(world: World) -> None:
    world.add("red car", picture_of("red car"))
    assert modalities(world.search("red", modalities=frozenset({TEXT}))) == ["text"]
    assert modalities(world.search("red", modalities=frozenset({IMAGE}))) == ["image"]


def test_a_filter_keeps_what_fits(world: World) -> None:
    world.add("red car", metadata={"year": 1999})
    world.add("red car indeed", metadata={"year": 2020})
    answer = world.search("red car", where=parse_filter({"year": {"gt": 2000}}))
    assert texts(answer) == ["red car indeed"]


def test_all_words_of_a_query_are_one_batch_for_the_fast_lane(world: World) -> None:
    world.add("red car")
    world.search("warm up")
    world.encoder().calls.clear()
    world.search("red", "car", TextPart("bus", -1), ContentPart(picture_of("dog")))
    assert world.encoder().calls == [("texts", 3, True), ("images", 1, True)]


def test_an_empty_collection_has_no_hits_and_no_good_match(world: World) -> None:
    answer = world.search("red car")
    assert (answer.hits, answer.total, answer.cursor) == ((), 0, None)
    assert answer.no_good_match


# What the records do not show as live.


def test_a_deleted_document_is_not_found(world: World) -> None:
    gone = world.add("red car")
    world.add("red bus")
    world.records.documents.mark_deleted(world.collection.id, [gone.id])
    answer = world.search("red car")
    assert texts(answer) == ["red bus"]
    assert answer.hits[0].parts[0].rank == 1


def test_a_document_is_not_found_before_it_is_ready(world: World) -> None:
    write(world, world.accept("half.txt", {}), ["red car"])
    assert world.search("red car").hits == ()


def test_rows_of_another_generation_are_not_found(world: World) -> None:
    document = world.add("red car")
    write(world, replace(document, generation=document.generation + 1), ["red car", "red van"])
    assert world.search("red car").hits == ()


def test_what_is_replaced_while_it_is_ranked_is_passed_over(world: World) -> None:
    world.add("red cat")
    replaced = world.add("red car")
    world.add("red bus")

    def write_first(method: str, _arguments: Mapping[str, Any]) -> None:
        if method == "rows":
            write(world, replace(replaced, generation=replaced.generation + 1), ["red car"])

    world.index.heard = write_first
    answer = world.search("red car", limit=2)
    assert sorted(texts(answer)) == ["red bus", "red cat"]
    assert answer.cursor is None


def noting_keys(world: World) -> list[str]:
    """The keys of the rows that the index is asked for from now on."""
    asked: list[str] = []

    def note(method: str, arguments: Mapping[str, Any]) -> None:
        if method == "rows":
            asked.extend(arguments["keys"])

    world.index.heard = note
    return asked


def test_rows_are_fetched_of_what_is_shown_alone(world: World) -> None:
    world.add(*(f"red car {number}" for number in range(40)))
    asked = noting_keys(world)
    answer = world.search("red car 7", limit=10, offset=5)
    assert answer.total == 40
    assert asked[:10] == [hit.id for hit in answer.hits]
    assert len(asked) <= 20  # those of the ten best where the words have to be looked at


def test_rows_that_came_along_are_not_fetched_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(*(f"red car {number}" for number in range(20)))
    deleted = world.add("red car 7")
    nearest, get = world.index.nearest, world.index.get

    def along(name: str, *args: Any, shown: int, **more: Any) -> list[Nearest]:
        found = nearest(name, *args, shown=shown, **more)
        return [
            Nearest(one.scored, get(name, [each.key for each in one.scored[:shown]])[0])
            for one in found
        ]

    expected = world.search("red car 7", limit=12, offset=3)
    monkeypatch.setattr(world.index, "nearest", along)
    asked = noting_keys(world)
    assert world.search("red car 7", limit=12, offset=3).hits == expected.hits
    assert asked == []
    world.records.documents.mark_deleted(world.collection.id, [deleted.id])
    hits = world.search("red car 7", limit=5).hits
    assert deleted.id not in {hit.document_id for hit in hits}
    assert len(hits) == 5
    assert asked == []
    assert len(world.search("red car", limit=60).hits) == 20


# Items as parts.


def test_an_item_finds_itself_first(world: World) -> None:
    world.add("red car", "blue bus", picture_of("dog"))
    for hit in world.search("red").hits:
        assert (
            world.search(ItemPart(hit.id), modalities=frozenset({hit.modality})).hits[0].id
            == hit.id
        )


def test_similar_leaves_only_the_item_itself_out(world: World) -> None:
    world.add("red car", "blue bus")
    world.add("red car")
    key = world.search("red car").hits[0].id
    answer = similar(key, world.collection, world.searcher)
    assert texts(answer) == ["red car", "blue bus"]
    assert key not in [hit.id for hit in answer.hits]


def test_an_unknown_item_is_named(world: World) -> None:
    world.add("red car")
    with pytest.raises(NotFound, match="'no-such-key'"):
        world.search(ItemPart("no-such-key"), "red")


def test_an_item_of_a_deleted_document_is_unknown(world: World) -> None:
    gone = world.add("red car")
    key = world.search("red").hits[0].id
    world.records.documents.mark_deleted(world.collection.id, [gone.id])
    with pytest.raises(NotFound, match=key):
        similar(key, world.collection, world.searcher)


# Refusals.


def test_parts_that_cancel_out_are_refused(world: World) -> None:
    world.add("red car")
    with pytest.raises(InvalidRequest, match="cancel each other out"):
        world.search(TextPart("red"), TextPart("red", -1.0))


def test_a_bad_query_is_refused_before_anything_is_asked(world: World) -> None:
    with pytest.raises(InvalidRequest, match="limit is 1000000"):
        world.search("red", limit=1_000_000)
    assert world.encoder().calls == []


def test_another_encoder_than_the_collections_is_refused(world: World) -> None:
    world.add("red car")
    world.encoder().fingerprint = "of something else"
    with pytest.raises(FingerprintMismatch, match="space 'starter' was embedded by"):
        world.search("red")


def test_a_picture_is_refused_where_no_space_takes_pictures(
    make: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_text = replace(PRESETS["clip"][0], name="only", kind=SENTENCES, modalities=TEXTS)
    monkeypatch.setitem(PRESETS, "only-text", (only_text,))
    world = make(preset="only-text")
    world.add("red car")
    with pytest.raises(Unsupported, match="takes pictures"):
        world.search("red", ContentPart(picture_of("car")))


def test_words_a_space_cannot_read_to_the_end_are_named(make: MakeWorld) -> None:
    world = make(preset="clip")
    world.add("red car")
    (warning,) = world.search("red " * 100).warnings
    assert "102 tokens" in warning
    assert "'clip' reads the first 77" in warning
    assert world.search("red " * 10).warnings == ()


# Several spaces.


def test_an_item_found_in_several_spaces_keeps_its_best_score_and_all_parts(
    make: MakeWorld,
) -> None:
    world = make(preset="clip")
    world.add("red car", "blue bus", picture_of("red car"))
    passage, picture = (
        next(hit for hit in world.search("red car").hits if hit.modality == modality)
        for modality in (TEXT, IMAGE)
    )
    assert {part.space for part in passage.parts} == {"text", "clip"}
    assert passage.score == max(part.calibrated for part in passage.parts)
    assert [part.space for part in picture.parts] == ["clip"]


def test_a_space_counts_by_the_share_of_weight_it_took(make: MakeWorld) -> None:
    world = make(preset="clip")
    world.add("red car", "blue bus", *(f"noise {i}" for i in range(40)))
    hits = world.search(TextPart("red car"), ContentPart(picture_of("red car"), 3.0)).hits
    by_space = {part.space: part.calibrated for part in hits[0].parts}
    assert hits[0].text == "red car"
    assert hits[0].score == pytest.approx(max(by_space["clip"], by_space["text"] / 4))


def test_a_space_that_is_down_is_named_and_the_others_answer(make: MakeWorld) -> None:
    world = make(preset="clip")
    world.add("red car", picture_of("red car"))
    world.encoder("clip").broken = True
    answer = world.search("red car")
    assert [(gap.space, gap.reason) for gap in answer.missing] == [
        ("clip", "the model of clip is not there")
    ]
    assert modalities(answer) == ["text"]
    world.encoder("text").broken = True
    with pytest.raises(Unavailable, match="text: the model of text is not there; clip: "):
        world.search("red car")


def test_an_index_that_is_down_is_named(world: World) -> None:
    world.add("red car")

    def refuse(method: str, _arguments: Mapping[str, Any]) -> None:
        if method == "search":
            raise Unavailable("the index does not answer")

    world.index.heard = refuse
    with pytest.raises(Unavailable, match="starter: the index does not answer"):
        world.search("red car")


def test_times_are_told_apart(world: World) -> None:
    world.add("red car")
    took = world.search("red car").took
    assert 0 < took.encode_ms < took.total_ms
    assert 0 < took.index_ms < took.total_ms


# Properties.


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    file = tmp_path_factory.mktemp("records") / "records.db"
    lay_tables(file)
    opened = open_records(f"sqlite:///{file}")
    yield opened
    opened.close()


ENCODERS = WordEncoders()
passages = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), min_size=2, max_size=8
)
quickly = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def filled(records: Records, contents: list[str]) -> World:
    world = new_collection(records, ENCODERS, Settings(data=Path("unused")))
    if contents:
        world.add(*contents)
    return world


@quickly
@given(passages, st.sampled_from(WORDS), st.randoms(use_true_random=False))
def test_the_order_of_writing_changes_nothing(
    records: Records, contents: list[str], word: str, random: object
) -> None:
    world = filled(records, contents)
    before = [(hit.id, hit.score) for hit in world.search(word).hits]
    table = world.index._tables[world.collection.spaces[0].index_name]
    keys = list(table.rows)
    random.shuffle(keys)  # type: ignore[attr-defined]
    table.rows = {key: table.rows[key] for key in keys}
    table.vectors = {key: table.vectors[key] for key in keys}
    assert [(hit.id, hit.score) for hit in world.search(word).hits] == before
    assert before == sorted(before, key=lambda hit: (-hit[1], hit[0]))


@quickly
@given(passages, st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_a_negative_weight_never_raises_the_cosine_of_what_it_names(
    records: Records, contents: list[str], wanted: str, unwanted: str
) -> None:
    if wanted == unwanted:
        return
    world = filled(records, [unwanted, *contents])

    def cosine(*parts: TextPart) -> float:
        hits = world.search(*parts, limit=50).hits
        return next(hit.parts[0].cosine for hit in hits if hit.text == unwanted)

    assert cosine(TextPart(wanted), TextPart(unwanted, -0.5)) < cosine(TextPart(wanted))


@quickly
@given(passages, st.integers(0, 7))
def test_one_item_finds_itself_first(records: Records, contents: list[str], which: int) -> None:
    world = filled(records, contents)
    hits = world.search("red", limit=50).hits
    asked = hits[which % len(hits)]
    answer = world.search(ItemPart(asked.id), limit=50)
    # Others of the same content share the first place.
    first = [hit.id for hit in answer.hits if hit.score > answer.hits[0].score - 1e-3]
    assert asked.id in first
