"""Whose documents are taken next: fair between collections, first in first out within, suspects by themselves."""

import itertools
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from samespace.core.types import State
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from samespace.store.records.tables import collections, documents, metadata
from samespace.store.sql import reading, writing
from tests.store.sql_fixtures import MODEL, database_url, new_collection, offer, records

__all__ = ["database_url", "records"]

OVER = -1.0

_numbers = itertools.count()


def make(records: Records, *names: str) -> None:
    for name in names:
        new_collection(records, name, name, "starter", [MODEL])


def add(records: Records, collection: str, count: int, **values: object) -> list[str]:
    """Documents that wait, written at once; the ids say their order."""
    (known,) = list(_first(records, collection)) or [_seed(records, collection)]
    ids = [f"{collection}-{next(_numbers):06}" for _ in range(count)]
    began = time.time() - 1e-6 * count
    rows = [
        known | {"id": id, "external_id": id, "submitted_at": began + 1e-6 * place}
        for place, id in enumerate(ids)
    ]
    with writing(records.engine) as connection:
        connection.execute(insert(documents), [row | values for row in rows])
    return ids


def _first(records: Records, collection: str) -> Sequence[dict[str, object]]:
    query = select(documents).where(documents.c.id == f"seed-{collection}")
    with reading(records.engine) as connection:
        return [dict(row) | {"state": State.QUEUED} for row in connection.execute(query).mappings()]


def _seed(records: Records, collection: str) -> dict[str, object]:
    """A row to copy, which itself never waits."""
    seed = offer(f"seed-{collection}", collection_id=collection, media_type="application/pdf")
    records.documents.accept(seed)
    records.claims.cancel(collection, [f"seed-{collection}"])
    [row] = _first(records, collection)
    return row | {"finished_at": None, "generation": 1}


def claim(records: Records, owner: str = "w1", most: int = 16) -> list[Document]:
    return records.claims.claim_next(owner, 60, most)


def end(records: Records, docs: Sequence[Document]) -> None:
    assert len(records.claims.ready([Done(doc, [], {}, ()) for doc in docs])) == len(docs)


def ids_of(docs: Sequence[Document]) -> list[str]:
    return [doc.id for doc in docs]


def test_sixteen_small_texts_count_as_one_document(records: Records) -> None:
    make(records, "notes")
    small = {"media_type": "text/plain", "size": 4096}
    notes = add(records, "notes", 300, **small)
    assert ids_of(claim(records)) == notes[:256]
    assert ids_of(claim(records)) == notes[256:]

    mixed = add(records, "notes", 20, **small) + add(records, "notes", 20)
    assert ids_of(claim(records)) == mixed[: 20 + 14]  # two of the sixteen places are the texts'
    assert ids_of(claim(records)) == mixed[34:]
    larger = add(records, "notes", 17, media_type="text/plain", size=4097)
    assert ids_of(claim(records)) == larger[:16]


def test_four_small_pictures_count_as_one_document_and_scans_of_pages_do_not(
    records: Records,
) -> None:
    make(records, "photos")
    photos = add(records, "photos", 70, media_type="image/jpeg", size=1 << 20)
    assert ids_of(claim(records)) == photos[:64]
    assert ids_of(claim(records)) == photos[64:]
    large = add(records, "photos", 17, media_type="image/jpeg", size=(1 << 20) + 1)
    assert ids_of(claim(records)) == large[:16]
    assert ids_of(claim(records)) == large[16:]
    scans = add(records, "photos", 17, media_type="image/tiff", size=1000)
    assert ids_of(claim(records)) == scans[:16]


def test_a_single_file_does_not_wait_for_anothers_bulk(records: Records) -> None:
    make(records, "bulk", "single")
    bulk = add(records, "bulk", 300)
    first = claim(records)
    assert ids_of(first) == bulk[:16]
    [one] = add(records, "single", 1)
    end(records, first)  # also when nothing is at work

    assert ids_of(claim(records)) == [one]
    assert ids_of(claim(records)) == bulk[16:32]


def test_among_equals_collections_take_turns(records: Records) -> None:
    make(records, "a", "b", "c")
    for name in ("a", "b", "c"):
        add(records, name, 60)
    served = []
    for _ in range(9):
        docs = claim(records, most=4)
        served.append(docs[0].collection_id)
        assert {doc.collection_id for doc in docs} == {served[-1]}
        end(records, docs)

    assert served == ["a", "b", "c"] * 3


def test_what_is_at_work_counts(records: Records) -> None:
    make(records, "slow", "quick")
    add(records, "slow", 50)
    add(records, "quick", 50)
    assert [claim(records, most=8)[0].collection_id for _ in range(2)] == ["slow", "quick"]
    served = []
    for _ in range(
        3
    ):  # the slow one never ends its documents, and does not fill the workers with them
        docs = claim(records, most=4)
        served.append(docs[0].collection_id)
        end(records, [doc for doc in docs if doc.collection_id == "quick"])
    assert served == ["slow", "quick", "quick"]


def test_paused_resting_and_early_ones_are_left_alone(records: Records) -> None:
    make(records, "paused", "resting", "early", "open")
    for name in ("paused", "resting", "open"):
        add(records, name, 2)
    add(records, "early", 1, not_before=time.time() + 60)
    late = add(records, "early", 1, not_before=time.time() - 60)
    assert records.collections.pause("paused")
    assert not records.collections.pause("paused")
    assert 0.5 < records.collections.back_off("resting") - time.time() <= 1
    assert 0.5 < records.collections.back_off("resting") - time.time() <= 1  # found out together

    assert ids_of(claim(records)) == late
    assert {doc.collection_id for doc in claim(records)} == {"open"}
    assert claim(records) == []
    assert records.claims.claims_owed(16, 0, 100) == 0

    records.collections.clear_back_off("resting")
    assert records.collections.pause("paused", paused=False)
    assert [len(claim(records)) for _ in range(3)] == [2, 2, 0]


def test_rests_grow_and_end(records: Records) -> None:
    make(records, "a")
    lengths = []
    for _ in range(7):
        lengths.append(round(records.collections.back_off("a") - time.time()))
        with writing(records.engine) as connection:
            connection.execute(update(collections).values(rest_until=time.time() - 1))
    assert lengths == [1, 2, 4, 8, 16, 30, 30]
    records.collections.clear_back_off("a")
    assert round(records.collections.back_off("a") - time.time()) == 1


def test_suspects_go_by_themselves_behind_the_others(records: Records) -> None:
    make(records, "a")
    add(records, "a", 3)
    assert len(records.claims.claim_next("dead", OVER, 16)) == 3
    records.claims.lapse(9)
    assert [len(claim(records)) for _ in range(2)] == [1, 1]
    add(records, "a", 3)
    assert [len(claim(records)) for _ in range(3)] == [1, 3, 0]


def test_a_third_start_has_its_worker_for_itself(records: Records) -> None:
    make(records, "a", "b")
    [suspect] = add(records, "a", 1, attempt=2)
    others = add(records, "b", 32)
    with writing(records.engine) as connection:
        connection.execute(update(collections).where(collections.c.id == "a").values(claimed_at=1))
    busy = claim(records, "w1")
    assert ids_of(busy) == others[:16]
    assert claim(records, "w1") == []  # the worker empties itself

    end(records, busy)
    held = claim(records, "w1")
    assert ids_of(held) == [suspect]
    assert claim(records, "w1") == []
    assert ids_of(claim(records, "w2")) == others[16:]
    assert records.claims.fail(held[0], "broken")
    assert claim(records, "w1") == []


def test_what_is_owed_is_counted_in_claims(records: Records) -> None:
    make(records, "a", "b")
    add(records, "a", 33)
    add(records, "b", 1)
    add(records, "b", 2, attempt=1)
    assert records.claims.claims_owed(16, -1, 100) == 3 + 1 + 2
    assert records.claims.claims_owed(16, 60, 100) == 0
    assert records.claims.claims_owed(16, -1, 20) == 2


def test_workers_together_take_each_document_once(records: Records) -> None:
    make(records, "a", "b", "c")
    ids = [id for name in ("a", "b", "c") for id in add(records, name, 40)]

    def work(owner: str) -> list[str]:
        taken: list[str] = []
        while docs := records.claims.claim_next(owner, 60, 7):
            taken += ids_of(docs)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [id for some in pool.map(work, ["w1", "w2", "w3", "w4"]) for id in some]
    assert sorted(taken) == sorted(ids)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc"), st.integers(1, 9)),
        st.tuples(st.just("claim"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("end"), st.integers(0, 3), st.just(0)),
    ),
    min_size=10,
    max_size=40,
)


def test_nobody_starves_and_nobody_is_taken_twice(records: Records) -> None:
    """While a collection waits with nothing at work, each other one is served once at most before it."""

    @given(STEPS)
    @settings(max_examples=12, deadline=None, derandomize=True)
    def holds(steps: list[tuple[str, object, int]]) -> None:
        with writing(records.engine) as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        make(records, "a", "b", "c")
        waiting: dict[str, deque[str]] = {name: deque() for name in "abc"}
        at_work: list[list[Document]] = []
        passed_by: dict[str, Counter[str]] = {name: Counter() for name in "abc"}
        for verb, what, count in steps:
            if verb == "add":
                waiting[str(what)].extend(add(records, str(what), count))
            elif verb == "end" and at_work:
                end(records, at_work.pop(int(str(what)) % len(at_work)))
            elif verb == "claim":
                docs = claim(records, most=int(str(what)))
                assert bool(docs) == any(waiting.values())
                if not docs:
                    continue
                served = docs[0].collection_id
                assert [waiting[served].popleft() for _ in docs] == ids_of(docs)
                at_work.append(docs)
                busy = {some[0].collection_id for some in at_work}
                for name in "abc":
                    if name in busy or not waiting[name]:
                        passed_by[name].clear()
                    else:
                        passed_by[name][served] += 1
                        assert max(passed_by[name].values()) == 1

    holds()


def test_a_claim_uses_its_index(records: Records) -> None:
    make(records, "a")
    add(records, "a", 1)
    query = (
        "SELECT id FROM documents WHERE collection_id = 'a' AND state = 'queued' "
        "AND (not_before IS NULL OR not_before <= 5) ORDER BY submitted_at LIMIT 16"
    )
    with writing(records.engine) as connection:
        if records.engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
            plan = connection.execute(text(f"EXPLAIN {query}")).scalars().all()
        else:
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert "documents_by_turn" in " ".join(plan)
