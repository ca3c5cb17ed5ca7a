"""Classification without training: label sets, probabilities, one input, stored items."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samespace.core.content import Content, of_texts
from samespace.core.errors import InvalidRequest, NotFound, Unsupported
from samespace.core.modalities import IMAGE_ROW
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT
from samespace.encoders.presets import BGE_SMALL, STARTER
from samespace.encoders.spaces import spaces_of
from search.labels import (
    Label,
    LabelSet,
    check_label_set,
    encode_labels,
    parse_label_set,
)
from search.zeroshot import Classified, classify, classify_items, classify_vectors, threshold_of
from tests.search.world import WordEncoder, World, picture_of

MakeWorld = Callable[..., World]

SETTINGS = Settings(data=Path("unused"), max_labels=5)
PETS = LabelSet((Label("dog"), Label("cat"), Label("bird")), templates=("{}",))


def labels(*names: str, **options: Any) -> LabelSet:
    return LabelSet(tuple(Label(name) for name in names), **options)


@pytest.mark.parametrize(
    ("label_set", "message"),
    [
        (labels(), "0 labels were given; 2 to 5 are needed"),
        (labels("dog"), "1 labels were given"),
        (labels(*"abcdef"), "6 labels were given; 2 to 5"),
        (labels("dog", "cat", "dog"), "'dog' is given twice"),
        (labels("dog", " DOG "), "' DOG ' is given twice"),
        (labels("dog", ""), "is empty"),
        (labels("dog", "x" * 1001), "1001 characters, the limit is 1000"),
        (LabelSet((Label("dog", ("a dog", " ")), Label("cat"))), "is empty"),
        (labels("dog", "cat", templates=()), "templates is empty"),
        (labels("dog", "cat", templates=("a photo",)), "'a photo' has no {}"),
        (
            labels("dog", "cat", templates=("{}",) * 5001),
            r"^2 labels times 5001 templates make 10002 prompts, the limit is 10000 \(SAMESPACE_MAX_PROMPTS\)$",
        ),
        (
            LabelSet((Label("dog", ("d",) * 9000), Label("cat"), Label("cow")), ("{}",) * 501),
            r"^2 labels times 501 templates and 9000 prompts of the labels' own make 10002 prompts,",
        ),
        (labels("dog", "cat", threshold=1.5), "threshold is 1.5"),
        (labels("dog", "cat", threshold=float("nan")), "threshold is nan"),
    ],
)
def test_bad_label_sets_are_refused(label_set: LabelSet, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        check_label_set(label_set, SETTINGS)


def test_label_sets_are_read_from_json() -> None:
    source = {
        "labels": ["dog", {"name": "cat", "prompts": ["a cat", "a kitten"]}],
        "templates": ["a {}"],
        "threshold": 0.5,
    }
    expected = LabelSet((Label("dog"), Label("cat", ("a cat", "a kitten"))), ("a {}",), 0.5)
    assert parse_label_set(source) == expected
    assert parse_label_set({"labels": ["dog"]}) == LabelSet((Label("dog"),))


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"labels": "dog"},
        {"labels": [7]},
        {"labels": [{"name": 7}]},
        {"labels": [{"name": "dog", "color": "red"}]},
        {"labels": [{"name": "dog", "prompts": "a dog"}]},
        {"labels": ["dog"], "templates": "{}"},
        {"labels": ["dog"], "threshold": "high"},
        {"labels": ["dog"], "threshold": True},
    ],
)
def test_what_is_no_label_set_is_refused(source: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=r"labels?|templates|threshold|prompts"):
        parse_label_set(source)


def test_prompts_are_averaged_to_unit_vectors() -> None:
    encoder = WordEncoder(STARTER)
    made = encode_labels(
        LabelSet((Label("dog", ("red", "blue")), Label("cat")), ("big {}",)), TEXT, encoder
    )
    red, blue, cat = encoder.encode(of_texts(["red", "blue", "big cat"]))
    assert made.shape == (2, 128)
    np.testing.assert_allclose(made[0], (red + blue) / np.linalg.norm(red + blue), atol=1e-6)
    np.testing.assert_allclose(made[1], cat, atol=1e-6)
    assert encoder.calls[0] == ("texts", 3, True)


def test_names_with_braces_are_only_names() -> None:
    encoder = WordEncoder(STARTER)
    made = encode_labels(labels("{0}", "{x!r}", templates=("big {}",)), TEXT, encoder)
    np.testing.assert_allclose(made, encoder.encode(of_texts(["big {0}", "big {x!r}"])), atol=1e-6)


def test_pictures_have_other_templates_than_texts() -> None:
    encoder = WordEncoder(STARTER)
    encode_labels(labels("dog", "cat"), IMAGE, encoder)
    encode_labels(labels("dog", "cat"), TEXT, encoder)
    assert [count for _, count, _ in encoder.calls] == [2 * len(IMAGE_ROW.templates), 2]


def test_softmax_goes_with_the_models_own_scale() -> None:
    vectors = np.asarray([[1, 0], [0.6, 0.8]], dtype=np.float32)
    found = classify_vectors(vectors, np.eye(2, dtype=np.float32), WordEncoder(STARTER, scale=10.0))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found[0, 0], 1 / (1 + np.exp(-10)), atol=1e-6)
    np.testing.assert_allclose(found[1], [1 / (1 + np.e**2), 1 / (1 + np.e**-2)], atol=1e-6)


def test_large_scales_do_not_overflow() -> None:
    vectors = np.asarray([[1, 0]], dtype=np.float32)
    assert classify_vectors(
        vectors, -np.eye(2, dtype=np.float32), WordEncoder(STARTER, scale=1e6)
    ).tolist() == [[0, 1]]
    siglip = WordEncoder(replace(STARTER, score_kind="sigmoid"), scale=1e6)
    assert np.isfinite(classify_vectors(vectors, -np.eye(2, dtype=np.float32), siglip)).all()


def test_siglip_judges_each_label_for_itself() -> None:
    encoder = WordEncoder(replace(STARTER, score_kind="sigmoid"), scale=10.0, bias=-5.0)
    vectors = np.asarray([[1, 0]], dtype=np.float32)
    found = classify_vectors(vectors, np.eye(2, dtype=np.float32), encoder)
    np.testing.assert_allclose(found[0], [1 / (1 + np.exp(-5)), 1 / (1 + np.exp(5))], atol=1e-6)


def test_the_line_under_which_nothing_is_said() -> None:
    softmax = WordEncoder(STARTER)
    sigmoid = WordEncoder(replace(STARTER, score_kind="sigmoid"))
    assert threshold_of(PETS, softmax) == pytest.approx(0.5)
    assert threshold_of(PETS, sigmoid) == 0.1
    assert threshold_of(replace(PETS, threshold=0.0), softmax) == 0.0


def ask(world: World, *inputs: str | Content, label_set: LabelSet = PETS) -> list[Classified]:
    return classify(
        [Content.of_text(each) if isinstance(each, str) else each for each in inputs],
        label_set,
        spaces_of(world.collection.preset),
        world.searcher,
    )


def test_texts_and_pictures_are_classified_in_order(world: World) -> None:
    sure = replace(PETS, threshold=0.95)
    inputs = ("my dog", picture_of("cat"), "a bird", picture_of("quantum"))
    found = ask(world, *inputs, label_set=sure)
    assert [one.label for one in found] == ["dog", "cat", "bird", None]
    assert list(found[0].scores) == ["dog", "cat", "bird"]
    assert found[0].confidence == max(found[0].scores.values())
    assert sum(found[0].scores.values()) == pytest.approx(1)


def test_what_cannot_be_classified_is_refused(world: World) -> None:
    with pytest.raises(InvalidRequest, match="a text to classify is empty"):
        ask(world, "dog", " ")
    with pytest.raises(InvalidRequest, match="twice"):
        ask(world, "dog", label_set=labels("dog", "dog"))
    with pytest.raises(Unsupported, match="image"):
        classify(
            [picture_of("dog")],
            PETS,
            (BGE_SMALL,),
            world.searcher,
        )


def test_each_modality_goes_to_the_first_space_that_can(make: MakeWorld) -> None:
    world = make(preset="clip")
    ask(world, "dog", picture_of("cat"))
    assert world.encoder("text").calls == [("texts", 1, True), ("texts", 3, True)]
    assert world.encoder("clip").calls == [("images", 1, True), ("texts", 3, True)]


def test_stored_items_are_classified_by_their_vectors(make: MakeWorld) -> None:
    world = make(preset="clip")
    world.add("my dog", picture_of("cat"))
    keys = {str(hit.modality): hit.id for hit in world.search("pets").hits}
    for name in ("text", "clip"):
        world.encoder(name).calls.clear()
    found = classify_items([keys["image"], keys["text"]], PETS, world.collection, world.searcher)
    assert {key: one.label for key, one in found.items()} == {
        keys["text"]: "dog",
        keys["image"]: "cat",
    }
    assert all(kind == "texts" for kind, _, _ in world.encoder("clip").calls)


def test_items_that_are_gone_are_named(world: World) -> None:
    gone = world.add("my dog")
    key = world.search("dog").hits[0].id
    world.records.documents.mark_deleted(world.collection.id, [gone.id])
    with pytest.raises(NotFound, match=key):
        classify_items([key], PETS, world.collection, world.searcher)


def test_of_many_prompts_that_are_cut_the_first_are_named(world: World) -> None:
    long = [" ".join(["w"] * 300) + f" {i}" for i in range(25)]
    [answer] = classify(
        of_texts(["a dog"]),
        LabelSet((Label("dog", tuple(long)), Label("cat"))),
        [STARTER],
        world.searcher,
    )
    assert len(answer.warnings) == 11
    assert answer.warnings[0].endswith("has 303 tokens, space 'starter' reads the first 256")
    assert answer.warnings[-1] == "15 more are longer than space 'starter' reads"
