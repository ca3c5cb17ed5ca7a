"""Accepting in groups comes to exactly what accepting one after another comes to, whatever came before."""

import itertools
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select

from samespace.core.errors import NotFound, SamespaceError
from samespace.core.types import State
from samespace.store.metadata import MetadataMode
from samespace.store.records import Records, open_records
from samespace.store.records.claims import Done
from samespace.store.records.offers import Offer, Outcome, SameName, Taken
from samespace.store.records.tables import documents, garbage, metadata
from samespace.store.sql import reading, writing
from tests.store.sql_fixtures import (
    MODEL,
    collection,
    database_url,
    lay_tables,
    new_collection,
    offer,
    records,
)

__all__ = ["collection", "database_url", "records"]

TOGETHER, ALONE = "together", "alone"
_NAMES = ["a.txt", "A.txt", "caf\u00e9", "cafe\u0301", "b.txt"]
_OFFERS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    content=st.sampled_from(["1", "22", "333", "4444", "55555", "666666"]),
    name=st.sampled_from(_NAMES),
    external_id=st.sampled_from([None, None, None, "x", "y", "z"]),
    metadata=st.sampled_from([{}, {}, {"box": 1}, {"box": 1.0}, {"box": None}, {"wide": "w" * 30}]),
    metadata_mode=st.sampled_from(MetadataMode),
    on_same_name=st.sampled_from([None, SameName.KEEP_BOTH, SameName.REPLACE]),
    encoding=st.sampled_from([None, None, "cp1251"]),
)
_GROUPS = st.tuples(st.just("accept"), st.lists(_OFFERS, min_size=1, max_size=8))
_EVENTS = st.tuples(
    st.sampled_from(["ready", "fail", "doom", "remove", "quota", "quota"]), st.integers(0, 9)
)
_MOST_METADATA = 45


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock in which nothing happens at the same moment."""
    moments = itertools.count(1_000_000)
    monkeypatch.setattr("time.time", lambda: float(next(moments)))


@pytest.mark.usefixtures("ticking")
def test_groups_come_to_what_one_after_another_comes_to(records: Records) -> None:
    @settings(max_examples=60, deadline=None)
    @given(steps=st.lists(st.one_of(_GROUPS, _GROUPS, _EVENTS), max_size=8))
    def run(steps: list[tuple[str, Any]]) -> None:
        empty(records)
        numbers = itertools.count()
        for step, what in steps:
            if step == "accept":
                offers = [(next(numbers), one) for one in what]
                together = records.documents.accept_all([made(TOGETHER, *one) for one in offers])
                alone = [accept_alone(records, made(ALONE, *one)) for one in offers]
                assert list(map(plain, together)) == list(map(plain, alone))
            else:
                for where in (TOGETHER, ALONE):
                    happen(records, where, step, what)
            assert standing(records, TOGETHER) == standing(records, ALONE)

    run()


def empty(records: Records) -> None:
    with writing(records.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    for where in (TOGETHER, ALONE):
        new_collection(records, where, where, "starter", [MODEL])


def made(where: str, number: int, wanted: dict[str, Any]) -> Offer:
    return offer(
        f"{where}-{number:04}",
        collection_id=where,
        size=len(wanted["content"]),
        most_metadata=_MOST_METADATA,
        job_id=f"job {number}",
        **wanted,
    )


def accept_alone(records: Records, one: Offer) -> Taken | SamespaceError:
    [answer] = records.documents.accept_all([one])
    return answer


def happen(records: Records, where: str, step: str, number: int) -> None:
    """Something that befalls a document, or the quota, of both collections in the same way."""
    with reading(records.engine) as connection:
        mine = select(documents.c.id).where(documents.c.collection_id == where)
        ids = list(connection.execute(mine.order_by(documents.c.id)).scalars())
    if step == "quota":
        limits = {"max_documents": number or None, "max_bytes": 4 * number if number % 2 else None}
        records.collections.limit(where, limits)
    elif ids:
        id = ids[number % len(ids)]
        if step in {"ready", "fail"}:
            for doc in records.claims.claim([id], "worker", 60):
                if step == "ready":
                    records.claims.ready([Done(doc, [], {}, ())])
                else:
                    records.claims.fail(doc, "broken")
        elif step == "doom":
            records.documents.mark_deleted(where, [id])
        else:
            records.documents.remove(id)


def plain(answer: Taken | SamespaceError) -> object:
    """An answer without what tells the two collections apart."""
    if isinstance(answer, SamespaceError):
        return type(answer), str(answer).replace(repr(ALONE), repr(TOGETHER))
    return (
        bare(asdict(answer.document)),
        answer.outcome,
        [id.partition("-")[2] for id in answer.same_name],
    )


def bare(row: dict[str, Any]) -> dict[str, Any]:
    times = {"created_at", "submitted_at", "started_at", "finished_at", "lease_until"}
    shown = {name: value for name, value in row.items() if name not in times | {"collection_id"}}
    return {**shown, "id": row["id"].partition("-")[2], "warnings": list(row["warnings"])}


def standing(records: Records, where: str) -> object:
    """All that is on record of a collection, its documents in the order in which they were made."""
    mine = documents.c.collection_id == where
    with reading(records.engine) as connection:
        rows = connection.execute(select(documents).where(mine).order_by(documents.c.created_at))
        docs = [bare(dict(row)) for row in rows.mappings()]
        query = select(garbage.c.document_id, garbage.c.content_hash)
        noted = connection.execute(query.where(garbage.c.document_id.startswith(where)))
        originals = sorted((row[0].partition("-")[2], row[1]) for row in noted)
    found = records.collections.get(where)
    return docs, originals, found.held_documents, found.held_bytes


@pytest.mark.usefixtures("collection")
def test_a_group_takes_a_handful_of_statements(records: Records) -> None:
    """However many it has, and whether they are new or not; what depends on another is looked up once more."""
    seen: list[str] = []
    event.listen(records.engine, "before_cursor_execute", lambda *heard: seen.append(heard[2]))
    offers = [offer(f"d{n:03}", f"{n}", on_same_name=SameName.KEEP_BOTH) for n in range(100)]

    answers = records.documents.accept_all(offers)
    created = len(seen)
    again = records.documents.accept_all([replace(one, id=f"again {one.id}") for one in offers])

    assert {each.outcome for each in answers if isinstance(each, Taken)} == {Outcome.CREATED}
    assert {each.outcome for each in again if isinstance(each, Taken)} == {Outcome.UNCHANGED}
    assert created < 10
    assert len(seen) - created < 10
    assert records.documents.counts("c1") == {State.QUEUED: 100}


@pytest.mark.usefixtures("collection")
def test_one_that_is_refused_takes_none_along(records: Records) -> None:
    records.collections.limit("c1", {"max_documents": 2, "max_bytes": None})
    answers = records.documents.accept_all([offer(f"d{n}", f"{n}") for n in (1, 2, 3, 1)])

    assert [getattr(each, "outcome", getattr(each, "code", "")) for each in answers] == [
        "created",
        "created",
        "quota_exceeded",
        "unchanged",
    ]
    assert records.collections.get("c1").held_documents == 2
    with pytest.raises(NotFound):
        records.documents.accept_all([offer("d9", collection_id="c9")])
    assert records.documents.accept_all([]) == []


def test_a_group_is_looked_up_by_what_it_is_about(tmp_path: Path) -> None:
    """Not by the collection alone: SQLite would read all of it for each group."""
    lay_tables(tmp_path / "records.db")
    records = open_records(f"sqlite:///{tmp_path / 'records.db'}")
    new_collection(records, "c1", "cats", "starter", [MODEL])
    asked: list[tuple[str, Any]] = []
    event.listen(records.engine, "before_cursor_execute", lambda *heard: asked.append(heard[2:4]))
    offers = [
        offer(
            f"d{n}", f"{n}", external_id=f"x{n}" if n % 2 else None, on_same_name=SameName.KEEP_BOTH
        )
        for n in range(20)
    ]
    records.documents.accept_all(offers)

    looked_up = [each for each in asked if "FROM documents" in each[0]]
    with reading(records.engine) as connection:
        plans = [
            row.detail
            for statement, values in looked_up
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    searches = [plan for plan in plans if plan.startswith(("SEARCH documents", "SCAN documents"))]
    assert len(looked_up) == 4
    assert {plan.partition(" (")[2] for plan in searches} == {
        "content_hash=?)",
        "collection_id=? AND external_id=?)",
        "collection_id=? AND folded_name=?)",
        "id=?)",
    }
    records.close()


def test_a_page_of_a_collection_is_read_in_its_order(tmp_path: Path) -> None:
    """Not sorted from all of it: whoever reads a hundred thousand documents asks for a thousand pages."""
    lay_tables(tmp_path / "records.db")
    records = open_records(f"sqlite:///{tmp_path / 'records.db'}")
    new_collection(records, "c1", "cats", "starter", [MODEL])
    records.documents.accept_all([offer(f"d{n}", f"{n}") for n in range(3)])
    asked: list[tuple[str, Any]] = []
    event.listen(records.engine, "before_cursor_execute", lambda *heard: asked.append(heard[2:4]))
    assert [doc.id for doc in records.documents.page("c1", after="d0", limit=1)] == ["d1"]

    with reading(records.engine) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]).all()
    assert [row.detail.partition(" (")[2] for row in plan] == ["collection_id=? AND id>?)"]
    records.close()
