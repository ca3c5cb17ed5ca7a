"""Quotas: what is counted is what is there, whatever happens in whatever order and side by side."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from samespace.core.errors import Busy, QuotaExceeded
from samespace.core.types import State
from samespace.store.records import Collection, Records
from samespace.store.records.tables import documents, metadata
from samespace.store.sql import reading, writing
from tests.store.sql_fixtures import MODEL, collection, database_url, new_collection, offer, records

__all__ = ["collection", "database_url", "records"]


def counted(records: Records) -> tuple[int, int]:
    """Documents and bytes, counted anew."""
    query = select(func.count(), func.coalesce(func.sum(documents.c.size), 0))
    with reading(records.engine) as connection:
        held = query.where(documents.c.state != State.DELETING)
        count, size = connection.execute(held).one()
    return count, int(size)


def held(records: Records) -> tuple[int, int]:
    found = records.collections.get("c1")
    return found.held_documents, found.held_bytes


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "accept", "accept", "doom", "doom all", "remove", "quota"]),
        st.sampled_from("abc"),
        st.integers(0, 9),
        st.booleans(),
    ),
    max_size=14,
)


def test_the_counters_are_always_what_is_there(records: Records) -> None:
    @settings(max_examples=40, deadline=None)
    @given(steps=_STEPS)
    def run(steps: list[tuple[str, str, int, bool]]) -> None:
        with writing(records.engine) as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        new_collection(records, "c1", "cats", "starter", [MODEL])
        for number, step in enumerate(steps):
            take(records, number, *step)
            assert held(records) == counted(records), steps

    run()


def take(records: Records, number: int, what: str, name: str, size: int, named: bool) -> None:  # noqa: PLR0917
    """One step; what is accepted never goes past the quota."""
    ids = [doc.id for doc in records.documents.page("c1") if doc.name == name]
    if what == "accept":
        before = held(records)
        new = offer(f"d{number}", f"{name}{size}", external_id=name if named else None)
        try:
            records.documents.accept(replace(new, size=size, name=name))
        except (Busy, QuotaExceeded):
            assert held(records) == before
        found = records.collections.get("c1")
        if found.max_documents is not None and found.held_documents > before[0]:
            assert found.held_documents <= found.max_documents
        if found.max_bytes is not None and found.held_bytes > before[1]:
            assert found.held_bytes <= found.max_bytes
    elif what == "quota":
        records.collections.limit("c1", {"max_bytes": 2 * size, "max_documents": size or None})
    elif what == "remove":
        marked = records.documents.page("c1", state=State.DELETING)
        assert all(records.documents.remove(doc.id) for doc in marked)
    else:
        records.documents.mark_deleted("c1", None if what == "doom all" else ids)


def test_uploads_side_by_side_do_not_pass_a_quota_together(
    records: Records, collection: Collection
) -> None:
    records.collections.limit("c1", {"max_documents": 7})

    def add(number: int) -> bool:
        try:
            records.documents.accept(offer(f"d{number}", str(number)))
        except QuotaExceeded:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        accepted = list(pool.map(add, range(20)))

    assert sum(accepted) == 7
    assert held(records) == counted(records) == (7, 21)


def test_deleting_and_replacing_side_by_side_neither_lock_up_nor_miscount(
    records: Records, collection: Collection
) -> None:
    def step(number: int) -> None:
        if number % 3:
            new = offer(f"d{number}", str(number), external_id=str(number % 4))
            with contextlib.suppress(Busy):
                records.documents.accept(replace(new, size=number))
        else:
            records.documents.mark_deleted("c1")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(step, range(60)))

    assert held(records) == counted(records)


def test_what_is_too_much_is_named_and_less_is_always_allowed(
    records: Records, collection: Collection
) -> None:
    big = replace(offer("d1", "one", external_id="a"), size=100)
    records.documents.accept(big)
    records.collections.limit("c1", {"max_bytes": 50, "max_documents": 1})

    with pytest.raises(QuotaExceeded, match=r"'cats' holds 1 documents, its quota is 1: 'd2.txt'"):
        records.documents.accept(offer("d2", "two"))
    with pytest.raises(QuotaExceeded, match=r"holds 100 bytes, its quota is 50: 'd1.txt' with 101"):
        records.documents.check_room(replace(big, content_hash="f" * 64, size=101))
    records.documents.accept(replace(big, content_hash="e" * 64, size=60))
    assert held(records) == (1, 60)
    records.documents.accept(replace(big, content_hash="e" * 64, size=60))
    records.collections.limit("c1", {"max_bytes": None})
    records.documents.accept(replace(big, content_hash="f" * 64, size=101))
    assert held(records) == (1, 101)
