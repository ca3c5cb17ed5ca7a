"""Workers and named leases in the records."""

import time
from concurrent.futures import ThreadPoolExecutor

from samespace.store.records import Records
from samespace.store.records.workers import Worker
from tests.store.sql_fixtures import database_url, records

__all__ = ["database_url", "records"]


def _worker(id: str, seen_ago: float = 0.0, **about: object) -> Worker:
    now = time.time()
    return Worker(id, "host", 7, about, now - 100, now - seen_ago)


def test_a_worker_that_reports_is_alive(records: Records) -> None:
    records.workers.report(_worker("w1", device="cpu"))
    again = _worker("w1", device="cuda:0")
    records.workers.report(again)

    (alive,) = records.workers.alive(10)
    assert (alive.id, alive.about, alive.seen_at) == ("w1", {"device": "cuda:0"}, again.seen_at)


def test_a_silent_worker_is_not_alive_and_then_forgotten(records: Records) -> None:
    records.workers.report(_worker("w1", seen_ago=60))
    records.workers.report(_worker("w2"))
    assert [worker.id for worker in records.workers.alive(10)] == ["w2"]

    records.workers.forget_silent(30)
    assert [worker.id for worker in records.workers.alive(1000)] == ["w2"]
    records.workers.forget("w2")
    assert records.workers.alive(1000) == []


def test_one_of_many_holds_a_lease(records: Records) -> None:
    with ThreadPoolExecutor(8) as pool:
        held = list(
            pool.map(lambda owner: records.workers.hold("reconcile", f"w{owner}", 60), range(8))
        )
    assert sum(held) == 1
    holder = f"w{held.index(True)}"

    assert records.workers.hold("reconcile", holder, 60)  # extended
    assert not records.workers.hold("reconcile", "somebody else", 60)
    assert records.workers.hold("another", "somebody else", 60)


def test_one_of_many_takes_over_a_lease_that_ran_out(records: Records) -> None:
    assert records.workers.hold("reconcile", "dead", -1)
    with ThreadPoolExecutor(8) as pool:
        held = list(
            pool.map(lambda owner: records.workers.hold("reconcile", f"w{owner}", 60), range(8))
        )

    assert sum(held) == 1
    assert not records.workers.hold("reconcile", "dead", 60)
