"""Kept queries, what is said of their answers, and the query log, on SQLite and PostgreSQL."""

import pytest

from samespace.core.errors import InvalidRequest, NotFound
from samespace.store.records import Records
from samespace.store.records.query_log import AskedQuery
from tests.store.sql_fixtures import MODEL, collection, database_url, new_collection, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")

CAR = [{"text": "red car", "weight": 1.0}]
BOAT = [{"text": "boat", "weight": 2.0}, {"item": "0f5a", "weight": -1.0}]


def test_a_query_is_kept_once_whoever_keeps_it(records: Records) -> None:
    kept = records.kept_queries
    first, again = kept.keep("c1", CAR), kept.keep("c1", CAR)
    assert again == first
    assert kept.keep("c1", CAR, ["image"]).id != first.id
    assert kept.keep("c1", BOAT, ["text", "image"]) == kept.keep("c1", BOAT, ["image", "text"])
    assert [one.parts for one in kept.all("c1")] == [tuple(CAR), tuple(CAR), tuple(BOAT)]
    assert [one.targets for one in kept.all("c1")] == [None, ("image",), ("image", "text")]


def test_so_many_are_kept_and_no_more(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samespace.store.records.kept_queries.MOST_KEPT", 1)
    records.kept_queries.keep("c1", CAR)
    with pytest.raises(InvalidRequest, match="keeps 1 queries, which is the limit"):
        records.kept_queries.keep("c1", BOAT)
    records.kept_queries.keep("c1", CAR)


def test_marks_are_kept_for_each_query_and_document(records: Records) -> None:
    kept = records.kept_queries
    query = kept.keep("c1", CAR)
    for id in ("d1", "d2"):
        records.documents.accept(offer(id, id))
    kept.judge(query.id, {"d1": True, "d2": True})
    kept.judge(query.id, {"d2": False})
    assert kept.judgements("c1") == {query.id: {"d1": True, "d2": False}}
    kept.judge(query.id, {"d1": None})
    assert kept.judgements("c1") == {query.id: {"d2": False}}
    with pytest.raises(NotFound, match="'nobody' is no document"):
        kept.judge(query.id, {"nobody": True})
    kept.remove("c1", query.id)
    assert kept.judgements("c1") == {}
    with pytest.raises(NotFound, match="no kept query"):
        kept.remove("c1", query.id)
    with pytest.raises(NotFound, match="was removed"):
        kept.judge(query.id, {"d1": True})


def test_of_each_who_says_it_the_last_word_counts(records: Records) -> None:
    kept = records.kept_queries
    car, boat = kept.keep("c1", CAR), kept.keep("c1", BOAT)
    for query, actor, better in (
        (car, "ann", "a"),
        (car, "ann", "b"),
        (car, "ben", None),
        (boat, "ann", "a"),
    ):
        kept.prefer(query.id, pair="ab", actor=actor, better=better, blind=actor == "ann")
    kept.prefer(car.id, pair="ac", actor="ann", better="c", blind=False)
    said = [(one.query_id, one.better, one.blind) for one in kept.preferences("c1", "ab")]
    assert said == [(car.id, "b", True), (car.id, None, False), (boat.id, "a", True)]
    kept.forget_preferences("c1", "ab")
    assert kept.preferences("c1", "ab") == []
    assert len(kept.preferences("c1", "ac")) == 1
    with pytest.raises(NotFound, match="no kept query"):
        kept.prefer("gone", pair="ab", actor="ann", better="a", blind=True)


def asked(words: str, at: float, collection_id: str = "c1") -> AskedQuery:
    return AskedQuery(collection_id, ({"text": words, "weight": 1.0},), None, 1, at)


def test_the_query_log_counts_and_keeps_the_newest(records: Records) -> None:
    records.query_log.add([asked("a", 1), asked("b", 2), asked("c", 3)], most=2)
    records.query_log.add([asked("b", 4)], most=2)
    found = records.query_log.newest("c1", 10)
    assert [(one.parts[0]["text"], one.times, one.asked_at) for one in found] == [
        ("b", 2, 4),
        ("c", 1, 3),
    ]
    assert len(records.query_log.newest("c1", 1)) == 1


def test_what_was_asked_of_a_collection_that_is_gone_is_dropped(records: Records) -> None:
    records.query_log.add([asked("x", 1, "gone"), asked("a", 1)], most=2)
    assert len(records.query_log.newest("c1", 10)) == 1


def test_all_of_it_goes_with_its_collection(records: Records) -> None:
    new_collection(records, "c2", "dogs", "starter", [MODEL])
    for id in ("c1", "c2"):
        query = records.kept_queries.keep(id, CAR)
        records.kept_queries.prefer(query.id, pair="ab", actor="ann", better="a", blind=True)
        records.query_log.add([asked("a", 1, id)], most=2)
    records.collections.remove("c1")
    assert records.kept_queries.all("c1") == []
    assert records.kept_queries.preferences("c1", "ab") == []
    assert records.query_log.newest("c1", 10) == []
    assert len(records.kept_queries.all("c2")) == 1
    assert records.query_log.forget() == 1
