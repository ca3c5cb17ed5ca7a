"""Searching and classifying with the real starter encoder."""

import pytest
from PIL import Image, ImageDraw

from samespace.core.content import Content, of_images
from samespace.core.types import IMAGE
from samespace.encoders.load import Encoders
from samespace.encoders.spaces import spaces_of
from search.labels import Label, LabelSet
from search.parts import ContentPart, ItemPart, TextPart
from search.query import similar
from search.zeroshot import classify
from tests.search.world import World, make_world

PASSAGES = (
    "The orchestra tuned its violins before the concert began.",
    "Grilled aubergines with garlic and olive oil make a light supper.",
    "The treaty of 1648 ended thirty years of war in central Europe.",
    "Whales are mammals that breathe air and nurse their young.",
    "The compiler reports an error when a variable is used before it is set.",
    "A traffic light shows red, amber and green in turn.",
)


def traffic_light() -> Content:
    image = Image.new("RGB", (224, 224), "skyblue")
    draw = ImageDraw.Draw(image)
    draw.rectangle((72, 10, 152, 214), fill="black")
    for top, color in ((20, "red"), (85, "orange"), (150, "lime")):
        draw.ellipse((82, top, 142, top + 60), fill=color)
    return of_images([image])[0]


def analog_clock() -> Content:
    image = Image.new("RGB", (224, 224), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((12, 12, 212, 212), outline="black", width=8)
    draw.line((112, 112, 112, 40), fill="black", width=8)
    draw.line((112, 112, 160, 130), fill="black", width=8)
    return of_images([image])[0]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, encoders: Encoders) -> World:
    made = make_world(tmp_path_factory.mktemp("starter"), encoders=encoders)
    made.add(*PASSAGES, name="passages.txt")
    made.add(traffic_light(), name="traffic.png")
    made.add(analog_clock(), name="clock.png")
    return made


PICTURES = frozenset({IMAGE})


def test_words_find_passages(world: World) -> None:
    assert world.search("musicians playing").hits[0].text == PASSAGES[0]
    assert world.search("sea animals").hits[0].text == PASSAGES[3]


def test_words_find_pictures(world: World) -> None:
    first = world.search("traffic light", modalities=PICTURES).hits[0]
    assert first.document_name == "traffic.png"
    assert world.search("a clock", modalities=PICTURES).hits[0].document_name == "clock.png"


def test_words_find_the_picture_and_the_passage_about_it(world: World) -> None:
    hits = world.search("traffic light").hits[:2]
    assert {hit.document_name for hit in hits} == {"passages.txt", "traffic.png"}
    assert PASSAGES[5] in {hit.text for hit in hits}


def test_a_picture_finds_the_passage_about_it(world: World) -> None:
    hits = world.search(ContentPart(traffic_light())).hits
    assert hits[0].document_name == "traffic.png"
    assert next(hit.text for hit in hits if hit.text) == PASSAGES[5]


def test_words_and_a_picture_together(world: World) -> None:
    parts = (ContentPart(traffic_light()), TextPart("a concert"))
    texts = [hit.text for hit in world.search(*parts).hits if hit.text]
    assert set(texts[:2]) == {PASSAGES[0], PASSAGES[5]}


def test_similar_to_a_picture(world: World) -> None:
    key = world.search("traffic light", modalities=PICTURES).hits[0].id
    hits = similar(key, world.collection, world.searcher).hits
    assert key not in {hit.id for hit in hits}
    assert next(hit.text for hit in hits if hit.text) == PASSAGES[5]
    assert world.search(ItemPart(key)).hits[0].id == key


def test_classes_nobody_trained_for(world: World) -> None:
    names = ("traffic light", "clock", "elephant")
    found = classify(
        [traffic_light(), analog_clock(), Content.of_text(PASSAGES[5])],
        LabelSet(tuple(Label(name) for name in names)),
        spaces_of("starter"),
        world.searcher,
    )
    assert [one.label for one in found] == ["traffic light", "clock", "traffic light"]
