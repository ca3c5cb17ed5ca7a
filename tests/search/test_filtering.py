"""Filters that cannot be asked yet, and those that ask for what no document has."""

from dataclasses import replace

import pytest

from samespace.core.errors import Unavailable
from samespace.store.filters import parse_filter
from search.answer import Answer
from search.fields import metadata_fields
from search.filtering import with_unknown_fields
from search.parts import TextPart
from search.query import similar
from tests.search.world import World


def told(world: World, where: object) -> Answer:
    parsed = parse_filter(where)
    return with_unknown_fields(
        world.search("red", where=parsed),
        parsed,
        collection=world.collection,
        fields=lambda: metadata_fields(world.collection, world.records),
    )


@pytest.mark.parametrize(
    ("where", "unknown", "warning"),
    [
        ({"yaer": {"gte": 2000}}, "yaer", "'yaer'; did you mean 'year'?"),
        ({"Year": 2020}, "Year", "'Year'; did you mean 'year'?"),
        ({"due date": "x"}, "due date", "'due date'; did you mean 'Due date'?"),
        ({"camera.maker": "x"}, "camera.maker", "'camera.maker'; did you mean 'camera.make'?"),
        ({"$.nto": 1}, "$.nto", "'$.nto'"),
        ({"not": {"nothing like it": {"exists": False}}}, "nothing like it", "'nothing like it'"),
        ({"and": [{"year": 2020}, {"yeer": 1}]}, "yeer", "'yeer'; did you mean 'year'?"),
    ],
)
def test_a_field_that_no_document_has_is_named_with_the_nearest(
    world: World, where: object, unknown: str, warning: str
) -> None:
    world.add("red car", metadata={"year": 2020, "Due date": "x", "camera": {"make": "y"}})
    answer = told(world, where)
    assert (answer.total, answer.unknown_fields) == (0, (unknown,))
    assert [each.partition(" has the field ")[2] for each in answer.warnings] == [warning]
    assert answer.warnings[0].startswith("filter: no document of collection ")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (
            {"year": {"gte": 2020}},
            "the field 'year' is a text in every document that has it, and is compared with a number",
        ),
        (
            {"n": "7"},
            "the field 'n' is a number or true or false in every document that has it, and is compared with a text",
        ),
        ({"year": {"in": [1, 2, True]}}, "the field 'year' is a text"),
    ],
)
def test_a_field_of_another_type_is_told(world: World, where: object, said: str) -> None:
    world.add("red car", metadata={"year": "2020", "n": 7})
    world.add("red car too", metadata={"year": ["2021"], "n": True})
    answer = told(world, where)
    assert (answer.total, answer.unknown_fields) == (0, ())
    assert answer.warnings[0].startswith(f"filter: {said}")
    assert len(answer.warnings) == len(set(answer.warnings))


@pytest.mark.parametrize(
    "where",
    [
        {"year": 1999},
        {"camera": 1},
        {"year": {"gt": 2**60}},
        {"caf\u00e9": "none"},
        {"$name": "none"},
        {"$page": 7},
        {"or": [{"yaer": 1}, {"year": 2020}]},
        {"yaer": {"exists": False}},
    ],
)
def test_nothing_is_said_of_fields_that_are_there_or_where_something_is_found(
    world: World, where: object
) -> None:
    world.add("red car", metadata={"year": 2020, "camera": {"make": "y"}, "cafe\u0301": "x"})
    answer = told(world, where)
    assert (answer.unknown_fields, answer.warnings) == ((), ())


def test_nothing_is_said_where_there_is_no_document_at_all(world: World) -> None:
    assert told(world, {"yaer": 1}).warnings == ()


def test_the_fields_are_looked_up_only_where_nothing_was_found(world: World) -> None:
    document = world.add("red car", metadata={"year": 2020})

    def never() -> None:
        raise AssertionError("looked up in vain")

    for where in (None, parse_filter({"year": 2020}), parse_filter({"$document": document.id})):
        answer = world.search("red", where=where)
        told = with_unknown_fields(answer, where, collection=world.collection, fields=never)  # type: ignore[arg-type]
        assert told is answer


def test_filters_wait_for_rows_of_an_older_release_and_searches_do_not(world: World) -> None:
    world.add("red car", metadata={"year": 2020})
    indexes = tuple(replace(one, rows_version=1) for one in world.collection.indexes)
    old = replace(world, collection=replace(world.collection, indexes=indexes))
    assert old.search("red").total == 1
    assert old.search("red", where=parse_filter({"$modality": "text"})).total == 1
    for where in ({"year": 2020}, {"not": {"a": {"exists": True}}}, {"$name": "x"}):
        with pytest.raises(Unavailable, match=r"filters of collection .* wait"):
            old.search(TextPart("red"), where=parse_filter(where))
    item = world.search("red").hits[0].id
    with pytest.raises(Unavailable, match="brings it up to date"):
        similar(item, old.collection, old.searcher, where=parse_filter({"year": 1}))
