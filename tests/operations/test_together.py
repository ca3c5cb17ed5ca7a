"""The whole stack over time: on the folder of the release before, backed up in mid-work, restored elsewhere."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from samespace.cli.main import run
from samespace.client import Client, Source
from samespace.core.errors import Unavailable
from samespace.core.marks import Marks
from samespace.core.settings import Settings
from samespace.core.types import State
from samespace.operations.stack.folder import VERSION
from samespace.operations.stack.stack import Stack
from samespace.store.records import Records, open_records
from samespace.store.rows import ROWS_VERSION
from samespace.store.vectors import VectorCache
from tests.data.releases import QUERIES, Release, unpack
from tests.services import pid_of
from tests.stack.test_up import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MORE = [f"Note {number}: the {number}th lighthouse of Brittany." for number in range(160)]

Answers = dict[str, list[tuple[str, str | None, float]]]


@contextmanager
def running(data: Path, key: str) -> Iterator[tuple[Client, list[str]]]:
    said: list[str] = []
    settings = Settings(data=data, port=0, lease_seconds=4, reconcile_seconds=0.5, slice_items=8)
    with Stack(settings, said.append) as stack, Client(stack.url, key) as client:
        yield client, said


@contextmanager
def records_of(data: Path) -> Iterator[Records]:
    records = open_records(f"sqlite:///{data / 'records.db'}")
    try:
        yield records
    finally:
        records.close()


def test_the_folder_of_the_release_before_lives_on_and_comes_back_from_a_backup(
    tmp_path: Path,
) -> None:
    release = unpack("0.3.0", tmp_path / "data")
    with running(release.data, release.key) as (client, said):
        moved_on(release, said)
        wait_for(lambda: Marks(release.data).owed() is None, 240)
        assert documents_of(answers(client)) == release.answers
        # Filters by name need facets that the rows of that release lack: a worker writes them anew.
        wait_for(lambda: named(client, "RED.png") == ["red.png"], 240)
        wait_for(lambda: rows_are_noted_as_new(release.data), 240)
        worker_of(release.data).suspend()  # so that it has not done all of it when that is asked
        accepted = {one["id"] for one in client.add("notes", list(map(Source, MORE)))["documents"]}
        with stopped_worker(release.data, once_ready=5):
            assert run(["backup", str(tmp_path / "b.tar"), "--data", str(release.data)]) == 0
        wait_until_ready(release.data, accepted)
        before = answers(client)

    restored = tmp_path / "restored"
    assert run(["restore", str(tmp_path / "b.tar"), "--data", str(restored)]) == 0
    with records_of(restored) as records:
        assert set(states(records)) >= accepted
        assert {State.QUEUED, State.PROCESSING} & set(states(records).values())
        assert records.keys.find(release.key) is not None
    cached = vectors_of(restored)
    with running(restored, release.key) as (client, _):
        wait_for(lambda: Marks(restored).owed() is None, 240)
        wait_until_ready(restored, accepted)
        assert_same(answers(client), before)
        assert encoded(restored) == vectors_of(restored) - cached > 0
        assert run(["verify", "--data", str(restored)]) == 0

    shutil.rmtree(restored / "milvus")
    with running(restored, release.key) as (client, said):
        assert "the index is gone: a worker makes it again from the vector cache" in said
        wait_for(lambda: Marks(restored).owed() is None, 240)
        wait_until_ready(restored, accepted)
        assert_same(answers(client), before)
        assert encoded(restored) == 0


def moved_on(release: Release, said: list[str]) -> None:
    assert any(line.startswith("records: migrated from 0003 to ") for line in said)
    assert (release.data / "version").read_text() == f"{VERSION}\n"
    assert list(release.data.glob("records.db.before-*"))


def rows_are_noted_as_new(data: Path) -> bool:
    """A worker that is stopped between the rows and the note would keep others from writing to the records."""
    with records_of(data) as records:
        return records.collections.find("notes").rows_version == ROWS_VERSION


def answers(client: Client) -> Answers:
    return {
        query: [
            (hit["document"]["id"], hit["text"], round(hit["score"], 3))
            for hit in client.search("notes", query)["hits"]
        ]
        for query in QUERIES
    }


def assert_same(found: Answers, before: Answers) -> None:
    """The same hits with the same scores; what was encoded again, in another batch, differs in the last digits."""
    for query, hits in before.items():
        scores = {hit[:2]: hit[2] for hit in found[query]}
        assert found[query][0][:2] == hits[0][:2]
        assert [scores.get(hit[:2]) for hit in hits[:3]] == [
            pytest.approx(hit[2], abs=0.05) for hit in hits[:3]
        ]


def named(client: Client, name: str) -> list[str] | None:
    """The names of the documents that a filter by name lets through; None while it cannot be asked yet."""
    try:
        hits = client.search("notes", "the colour red", filter={"$name": name})["hits"]
    except Unavailable:
        return None
    return [hit["document"]["name"] for hit in hits]


def documents_of(found: Answers) -> dict[str, list[str]]:
    return {query: [hit[0] for hit in hits] for query, hits in found.items()}


def worker_of(data: Path) -> psutil.Process:
    return psutil.Process(pid_of(data, "worker"))


@contextmanager
def stopped_worker(data: Path, once_ready: int) -> Iterator[None]:
    """In the middle of its work: held still, so that there is one."""
    worker = worker_of(data)
    with records_of(data) as records:
        worker.resume()
        wait_for(lambda: list(states(records).values()).count(State.READY) >= once_ready, 240)
        worker.suspend()
    try:
        yield
    finally:
        worker.resume()


def states(records: Records) -> dict[str, State]:
    (collection,) = records.collections.all()
    return {doc.id: doc.state for doc in records.documents.page(collection.id, limit=10_000)}


def wait_until_ready(data: Path, ids: set[str]) -> None:
    with records_of(data) as records:

        def is_done() -> bool:
            now = states(records)
            working = {State.QUEUED, State.PROCESSING} & set(now.values())
            return not working and all(now[id] is State.READY for id in ids)

        wait_for(is_done, 240)


def vectors_of(data: Path) -> int:
    cache = VectorCache(f"sqlite:///{data / 'vectors.db'}")
    try:
        return cache.count()
    finally:
        cache.close()


def encoded(data: Path) -> int:
    """Items the worker has encoded, by what it says after now."""
    now = time.time()
    with records_of(data) as records:
        wait_for(lambda: any(one.seen_at > now for one in records.workers.alive(60)))
        (worker,) = records.workers.alive(3)
        return sum(int(one["items"]) for one in worker.about["encoders"].values())
