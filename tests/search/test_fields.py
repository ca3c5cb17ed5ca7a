"""The metadata fields of a collection: names, values, counts."""

from dataclasses import dataclass
from typing import Any

from samespace.store.filters import parse_filter
from samespace.store.records import Collection, Records
from samespace.store.records.claims import Done
from search.fields import FieldCounts, Fields, metadata_fields
from tests.store.sql_fixtures import collection, database_url, new_collection, offer, records

__all__ = ["collection", "database_url", "records"]


def add(records: Records, *metadata: dict[str, Any], first: int = 0, ready: bool = True) -> None:
    """A document for each of these."""
    for number, each in enumerate(metadata, start=first):
        id = f"{number:032x}"
        records.documents.accept(offer(id, str(number), external_id=id, metadata=each))
        if ready:
            claimed = records.claims.claim([id], "test", 60)
            records.claims.ready([Done(claimed[0], [], {}, ())])


def counts(found: Fields) -> dict[str, list[tuple[object, int]]]:
    return {field.name: list(field.values) for field in found.fields}


def test_values_are_counted_by_document_most_frequent_first(
    records: Records, collection: Collection
) -> None:
    add(
        records,
        {"year": 1999, "tags": ["sea", "sea", "sky"], "camera": {"make": "Ö"}},
        {"year": 2001, "tags": ["sea"], "camera": {"make": "Ö"}},
        {"year": 1999.0, "tags": "sea", "camera": {"make": "Z"}},
        {},
    )
    found = metadata_fields(collection, records)
    assert counts(found) == {
        "camera.make": [("Ö", 2), ("Z", 1)],
        "tags": [("sea", 3), ("sky", 1)],
        "year": [(1999, 2), (2001, 1)],
    }
    assert (found.counted, found.whole) == (4, True)


def test_truths_numbers_and_texts_stay_apart(records: Records, collection: Collection) -> None:
    add(records, {"a": True}, {"a": 1}, {"a": "1"}, {"a": True}, {"a": None}, {"a": [1, [2]]})
    [field] = metadata_fields(collection, records).fields
    assert [(type(value), value, count) for value, count in field.values] == [
        (bool, True, 2),
        (str, "1", 1),
        (int, 1, 1),
    ]


def test_what_nobody_can_choose_is_left_out_and_any_key_is_named_as_filters_name_it(
    records: Records, collection: Collection
) -> None:
    add(
        records,
        {"a b": 1, "dotted.name": 1, "": 1, "big": 2**60, "long": "x" * 300, "ok": "<b>\u2028"},
        {"bell": "\x07", "ok": "\U0001f43b", "and": 1, "$name": {"x": True}, "none": None},
    )
    found = metadata_fields(collection, records)
    assert counts(found).keys() == {"", "a b", "dotted.name", "ok", "$.and", "$.$name.x"}
    assert found.names == counts(found).keys() | {"big", "long", "bell", "$.$name"}
    for field in found.fields:
        for value, _ in field.values:
            parse_filter({field.name: {"eq": value}})


def test_texts_that_filters_find_alike_are_counted_together(
    records: Records, collection: Collection
) -> None:
    add(
        records,
        {"kind": "Caf\u00e9"},
        {"kind": ["cafe\u0301", "CAF\u00c9", "tea"]},
        {"kind": "CAF\u00c9"},
    )
    [field] = metadata_fields(collection, records).fields
    [(shown, count), tea] = field.values
    assert (shown in {"Caf\u00e9", "CAF\u00c9", "cafe\u0301"}, count, tea) == (True, 3, ("tea", 1))


def test_only_documents_that_answer_searches_count(
    records: Records, collection: Collection
) -> None:
    add(records, {"kind": "ready"})
    add(records, {"kind": "waiting"}, first=1, ready=False)
    other = new_collection(records, "c2", "dogs", "starter", [])
    assert counts(metadata_fields(collection, records)) == {"kind": [("ready", 1)]}
    assert metadata_fields(other, records) == Fields((), 0, True, frozenset())


def test_fields_that_sort_nothing_are_left_out_and_lists_are_bounded(
    records: Records, collection: Collection
) -> None:
    add(
        records,
        *(
            {"title": f"title {n}", "group": n // 2, **{f"f{n % 25}": "x"}, "kind": "a"}
            for n in range(80)
        ),
    )
    found = counts(metadata_fields(collection, records))
    assert "title" not in found
    assert len(found) == 20
    assert len(found["group"]) == 30
    assert found["kind"] == [("a", 80)]


def test_past_the_bound_the_newest_are_counted_and_it_says_so(
    records: Records, collection: Collection
) -> None:
    add(records, *({"kind": "old" if n < 3 else "new"} for n in range(5)))
    found = metadata_fields(collection, records, most=2)
    assert (counts(found), found.counted, found.whole) == ({"kind": [("new", 2)]}, 2, False)
    assert metadata_fields(collection, records, most=5).whole


@dataclass
class Clock:
    """Time that passes when told, `step` seconds at each look."""

    now: float = 0.0
    step: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_counts_are_kept_for_a_moment_and_longer_where_counting_is_slow(
    records: Records, collection: Collection
) -> None:
    clock = Clock()
    kept = FieldCounts(clock)
    add(records, {"kind": "a"})
    assert counts(kept.get(collection, records)) == {"kind": [("a", 1)]}
    add(records, {"kind": "a"}, first=1)
    assert counts(kept.get(collection, records)) == {"kind": [("a", 1)]}
    clock.now, clock.step = 1.5, 3.0
    assert counts(kept.get(collection, records)) == {"kind": [("a", 2)]}
    add(records, {"kind": "a"}, first=2)
    clock.step = 0.0
    clock.now += 50
    assert counts(kept.get(collection, records)) == {"kind": [("a", 2)]}
    clock.now += 20
    assert counts(kept.get(collection, records)) == {"kind": [("a", 3)]}
