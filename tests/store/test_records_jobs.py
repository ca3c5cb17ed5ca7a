"""Jobs in the records, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from samespace.core.errors import NotFound
from samespace.core.progress import Progress
from samespace.core.types import State
from samespace.store.records import Records
from samespace.store.records.claims import Done
from samespace.store.records.jobs import Tally
from samespace.store.records.tables import jobs
from samespace.store.sql import writing
from tests.store.sql_fixtures import MODEL, collection, database_url, new_collection, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")

OVER = -1.0  # seconds of a lease that has run out when it is given


def test_a_job_waits_until_it_is_claimed_once(records: Records) -> None:
    made = records.jobs.create("j1", "c1", "classify", {"labels": ["cat", "Kätzchen"]})
    assert (made.state, made.attempt, made.total, made.done) == (State.QUEUED, 0, 0, 0)
    assert records.jobs.get("j1") == made

    taken = records.jobs.claim("j1", "w1", 60)

    assert taken == records.jobs.get("j1")
    assert taken is not None
    assert (taken.state, taken.owner, taken.attempt) == (State.PROCESSING, "w1", 1)
    assert records.jobs.claim("j1", "w2", 60) is None
    assert records.jobs.claim("nobody", "w2", 60) is None


def test_one_of_many_workers_gets_the_job(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda worker: records.jobs.claim("j1", f"w{worker}", 60), range(8)))

    assert sum(job is not None for job in taken) == 1


def test_an_unknown_job_is_not_found(records: Records) -> None:
    with pytest.raises(NotFound, match="j9"):
        records.jobs.get("j9")


def test_progress_is_noted_and_extends_the_lease(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    records.jobs.claim("j1", "w1", OVER)

    assert records.jobs.progress("j1", "w1", Progress(3, 10), 60)

    assert (records.jobs.get("j1").done, records.jobs.get("j1").total) == (3, 10)
    assert records.jobs.lapse(3) == []


def test_a_job_ends_well(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    records.jobs.claim("j1", "w1", 60)
    records.jobs.progress("j1", "w1", Progress(2, 3), 60)

    assert records.jobs.finish("j1", "w1", {"cat": 3})

    job = records.jobs.get("j1")
    assert (job.done, job.total) == (3, 3)
    assert (job.state, job.result, job.owner) == (State.READY, {"cat": 3}, None)
    assert job.finished_at is not None


def test_a_job_ends_badly(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    records.jobs.claim("j1", "w1", 60)

    assert records.jobs.fail("j1", "w1", "no such space")

    job = records.jobs.get("j1")
    assert (job.state, job.reason, job.result) == (State.FAILED, "no such space", None)


def test_only_the_owner_changes_a_job(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    records.jobs.claim("j1", "w1", OVER)
    assert [job.id for job in records.jobs.lapse(3)] == ["j1"]
    records.jobs.claim("j1", "w2", 60)
    before = records.jobs.get("j1")

    assert not records.jobs.progress("j1", "w1", Progress(1, 1), 60)
    assert not records.jobs.finish("j1", "w1", {})
    assert not records.jobs.fail("j1", "w1", "late")

    assert records.jobs.get("j1") == before


def test_lapsed_jobs_wait_again_until_they_are_worn_out(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    records.jobs.claim("j1", "w1", OVER)
    assert [job.id for job in records.jobs.lapse(2)] == ["j1"]
    assert records.jobs.get("j1").state is State.QUEUED

    records.jobs.claim("j1", "w1", OVER)
    assert records.jobs.lapse(2) == []

    job = records.jobs.get("j1")
    assert (job.state, job.reason) == (State.FAILED, "its worker died 2 times")


def test_waiting_lists_the_forgotten_of_a_kind(records: Records) -> None:
    for id, kind in (("j1", "classify"), ("j2", "ingest"), ("j3", "classify")):
        records.jobs.create(id, "c1", kind, {})
    assert records.jobs.waiting(60) == []
    with writing(records.engine) as connection:
        connection.execute(update(jobs).values(submitted_at=1.0))

    assert sorted(job.id for job in records.jobs.waiting(60)) == ["j1", "j3"]
    records.jobs.submitted("j1")
    records.jobs.claim("j3", "w1", 60)
    assert records.jobs.waiting(60) == []


def test_the_newest_come_first(records: Records) -> None:
    new_collection(records, "c2", "dogs", "starter", [MODEL])
    for number, owner in enumerate(("c1", "c2", "c1")):
        records.jobs.create(f"j{number}", owner, "ingest", {})
        with writing(records.engine) as connection:
            change = update(jobs).where(jobs.c.id == f"j{number}")
            connection.execute(change.values(created_at=float(number)))

    assert [job.id for job in records.jobs.newest()] == ["j2", "j1", "j0"]
    assert [job.id for job in records.jobs.newest(["c1"])] == ["j2", "j0"]
    assert [job.id for job in records.jobs.newest(limit=1)] == ["j2"]


def test_the_tally_counts_the_documents_of_a_job(records: Records) -> None:
    records.jobs.create("j1", "c1", "ingest", {})
    assert records.jobs.tally("j1") == Tally({}, 0, None, None, 0, 0, None)
    for number in range(3):
        records.documents.accept(offer(f"d{number}", f"{number}"))
    records.documents.accept(offer("d9", "9", job_id="j2"))
    one, two = records.claims.claim(["d0", "d1"], "w1", 60)
    records.claims.progress(one, 4, 8)
    records.claims.ready([Done(two, [], {}, ("a page is missing",))])

    tally = records.jobs.tally("j1")

    assert tally.states == {State.QUEUED: 1, State.PROCESSING: 1, State.READY: 1}
    assert (tally.items_done, tally.items_left, tally.unsized, tally.mean_items) == (4, 4, 1, 4.0)
    assert tally.warned == 1
    [warned] = records.documents.page("c1", job_id="j1", warned=True)
    assert (warned.id, warned.warnings) == ("d1", ("a page is missing",))
    assert tally.started_at is not None
    assert tally.finished_at is not None
    assert tally.finished_at >= tally.started_at


def test_results_of_ended_jobs_are_forgotten_when_old(records: Records) -> None:
    made = records.jobs
    known = new_collection(records, "c2", "dogs", "starter", [MODEL])
    for id, kind in (("a" * 32, "classify"), ("b" * 32, "classify"), ("c" * 32, "ingest")):
        made.create(id, known.id, kind=kind, params={})
    made.claim("a" * 32, "me", 60)
    made.finish("a" * 32, "me", {"total": 1})
    assert made.prune(3600) == 0
    assert made.prune(-1) == 1
    assert {job.id[0] for job in made.newest()} == {"b", "c"}


def test_the_last_result_of_a_kind_that_keeps_it_stays_in_each_collection(records: Records) -> None:
    new_collection(records, "c2", "dogs", "starter", [MODEL])
    for id, owner, kind in (
        ("older", "c1", "classify"),
        ("newer", "c1", "classify"),
        ("other", "c2", "classify"),
        ("map", "c1", "map"),
        ("failed", "c1", "classify"),
    ):
        records.jobs.create(id, owner, kind, {})
        records.jobs.claim(id, "me", 60)
        if id == "failed":
            records.jobs.fail(id, "me", "no such space")
        else:
            records.jobs.finish(id, "me", {"total": 1})
    assert records.jobs.prune(-1, ["classify"]) == 3
    assert {job.id for job in records.jobs.newest()} == {"newer", "other"}


def test_a_kept_result_is_looked_through_once_in_a_while(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    records.jobs.claim("j1", "me", 60)
    records.jobs.finish("j1", "me", {"total": 1})
    assert records.jobs.unchecked(3600, ["classify"], 10) == []
    assert records.jobs.unchecked(-1, ["map"], 10) == []
    assert [job.id for job in records.jobs.unchecked(-1, ["classify"], 10)] == ["j1"]
    records.jobs.checked("j1", {"total": 0})
    assert records.jobs.get("j1").result == {"total": 0}
    with writing(records.engine) as connection:
        connection.execute(update(jobs).values(finished_at=1.0))
    assert records.jobs.unchecked(3600, ["classify"], 10) == []


def test_a_job_that_is_put_back_waits_as_if_it_had_not_been_begun(records: Records) -> None:
    records.jobs.create("j1", "c1", "classify", {})
    records.jobs.claim("j1", "w1", 60)
    records.jobs.progress("j1", "w1", Progress(3, 10, "reading"), 60)
    assert records.jobs.get("j1").stage == "reading"
    assert not records.jobs.put_back("j1", "w2")
    assert records.jobs.put_back("j1", "w1")
    job = records.jobs.get("j1")
    assert (job.state, job.attempt, job.done, job.stage) == (State.QUEUED, 0, 0, None)


def test_the_lease_of_a_job_that_tells_nothing_is_kept(records: Records) -> None:
    for id in ("j1", "j2"):
        records.jobs.create(id, "c1", "classify", {})
        records.jobs.claim(id, "w1", OVER)
    records.jobs.renew("w2", 60, ["j1"])
    records.jobs.renew("w1", 60, ["j1"])
    assert [job.id for job in records.jobs.lapse(3)] == ["j2"]


def test_a_kind_that_is_not_begun_again_fails_with_its_worker(records: Records) -> None:
    for id, kind in (("j1", "once"), ("j2", "map")):
        records.jobs.create(id, "c1", kind, {})
        records.jobs.claim(id, "w1", OVER)
    assert [job.id for job in records.jobs.lapse(3, ["once"])] == ["j2"]
    assert (records.jobs.get("j1").state, records.jobs.get("j1").reason) == (
        State.FAILED,
        "its worker died, and it is not begun again",
    )


def test_a_job_may_be_of_all_collections(records: Records) -> None:
    general = records.jobs.create_once("j1", None, "verify", {"mark": "1"})
    assert records.jobs.create_once("j2", None, "verify", {"mark": "2"}) == general
    of_one = records.jobs.create_once("j3", "c1", "verify", {})
    assert records.jobs.last("verify", None) == general
    assert records.jobs.last("verify", "c1") == of_one
    assert records.jobs.last("map", None) is None
    assert records.jobs.newest(["c1"]) == [of_one]
    assert {job.id for job in records.jobs.newest(["c1"], with_general=True)} == {"j1", "j3"}
