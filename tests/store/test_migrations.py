"""The migrations make what the code asks for, once, whole, whoever starts them."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from samespace.store import migrations
from samespace.store.records import open_records
from samespace.store.records.tables import metadata
from samespace.store.sql import open_engine, reading, writing
from tests.store.sql_fixtures import database_url

__all__ = ["database_url"]

_OPEN = "import sys; from samespace.store.records import open_records; open_records(sys.argv[1]).close()"


def test_the_migrated_tables_are_those_of_the_code(database_url: str) -> None:
    with_tables = open_records(database_url)

    with reading(with_tables.engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    with_tables.close()


def test_opening_again_changes_nothing(database_url: str) -> None:
    first = open_records(database_url)
    key, text_of_key = first.keys.create("laptop")
    first.close()

    second = open_records(database_url)
    assert second.keys.all() == [key]
    assert second.keys.find(text_of_key)
    second.close()


def test_the_history_is_one_line_and_its_end_is_known_without_alembic() -> None:
    history = ScriptDirectory(str(Path(migrations.__file__).parent))

    assert history.get_heads() == [migrations.newest()]
    assert len(history.get_bases()) == 1


def test_tables_of_this_release_are_opened_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    code = f"import sys; {_OPEN}; print('alembic' in sys.modules)"
    shown = [
        subprocess.run([sys.executable, "-c", code, url], check=True, capture_output=True).stdout
        for _ in range(2)
    ]
    assert shown == [b"True\n", b"False\n"]


def test_threads_that_start_together_take_turns(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for opened in list(pool.map(open_records, [database_url] * 4)):
            opened.ping()
            opened.close()


@pytest.mark.slow
def test_processes_that_start_together_take_turns(database_url: str) -> None:
    starting = [
        subprocess.Popen([sys.executable, "-c", _OPEN, database_url], stderr=subprocess.PIPE)
        for _ in range(4)
    ]

    for process in starting:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()


def test_an_opener_waits_for_another_that_is_writing(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE anything (x INTEGER)")
        other.execute("BEGIN EXCLUSIVE")
        end = threading.Timer(0.5, lambda: other.execute("COMMIT"))
        end.start()
        engine = open_engine(f"sqlite:///{file}")
        with reading(engine) as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        end.join()
        engine.dispose()


def test_a_migration_that_fails_leaves_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(
            text("CREATE TABLE jobs (other INTEGER)")
        )  # in the way of the fifth table

    with pytest.raises(Exception, match="exists"):
        migrations.upgrade(engine)

    assert inspect(engine).get_table_names() == ["jobs"]
    engine.dispose()


def test_jobs_of_the_release_before_stay_and_go_with_their_collection(database_url: str) -> None:
    engine = open_engine(database_url)
    migrations.upgrade(engine, "0006")
    with writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO collections (id, name, preset, spaces, state, created_at)"
                " VALUES ('c1', 'cats', 'starter', '[]', 'ready', 1)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO jobs (id, collection_id, kind, state, params, result, total, done, attempt,"
                " created_at, submitted_at, finished_at)"
                " VALUES ('j1', 'c1', 'map', 'ready', '{}', '{\"points\": 2}', 2, 2, 1, 1, 1, 2)"
            )
        )

    records = open_records(database_url)

    job = records.jobs.get("j1")
    assert (job.collection_id, job.result, job.done) == ("c1", {"points": 2}, 2)
    assert (job.stage, job.checked_at) == (None, None)
    with writing(records.engine) as connection:
        connection.execute(text("DELETE FROM collections WHERE id = 'c1'"))
    assert records.jobs.newest() == []
    records.close()
    engine.dispose()
