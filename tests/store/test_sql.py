"""Opening an SQL database: what it waits for, what it promises, what it says when it is gone."""

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import Unavailable
from samespace.store import sql
from samespace.store.sql import open_engine, reading, serialise, writing
from tests.store.sql_fixtures import database_url

__all__ = ["database_url"]


def test_what_failed_half_way_is_not_written(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))

    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        _ = 1 // 0

    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
    engine.dispose()


def test_writers_that_read_first_lose_no_update(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (0)"))

    def add() -> None:
        for _ in range(20):
            with writing(engine) as connection:
                serialise(connection, "adding")
                n = connection.execute(text("SELECT n FROM t")).scalar_one()
                connection.execute(text("UPDATE t SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine) as connection:
        assert connection.execute(text("SELECT n FROM t")).scalar_one() == 80
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://me:hunter2@127.0.0.1:1/x", "sqlite:////nowhere/at/all/records.db"],
)
def test_a_database_that_is_gone_is_unavailable(url: str) -> None:
    engine = open_engine(url)

    with pytest.raises(Unavailable, match="does not answer") as failure, reading(engine):
        pass

    assert "hunter2" not in str(failure.value)
    engine.dispose()


def test_connections_that_are_all_in_use_are_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "_BUSY_SECONDS", 0.1)
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    with ExitStack() as taken:
        for _ in range(15):
            taken.enter_context(reading(engine))
        with pytest.raises(Unavailable, match="QueuePool limit"), reading(engine):
            pass
    engine.dispose()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "test.db").write_bytes(b"not a database at all " * 100)
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")

    with pytest.raises(Unavailable, match="file is not a database"), reading(engine):
        pass

    engine.dispose()


def test_a_wrong_statement_is_no_fault_of_the_database(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))

    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))

    engine.dispose()


def test_sqlite_syncs_and_keeps_foreign_keys(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")

    with reading(engine) as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    engine.dispose()
