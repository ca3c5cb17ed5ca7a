"""The same tests on SQLite and on PostgreSQL: import `database_url` or `records` into a test module."""

import atexit
import dataclasses
import functools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from samespace.core.types import IMAGE, TEXT, Space
from samespace.store.records import Collection, ModelRecord, Records, open_records
from samespace.store.records.models import model_of
from samespace.store.records.offers import Offer
from tests.missing import missing
from tests.postgres import another, cleared, emptied, postgres


def lay_tables(file: Path) -> None:
    """Put empty tables where records will be opened: they are migrated once for all tests."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_empty_tables())


@functools.cache
def _empty_tables() -> bytes:
    with tempfile.TemporaryDirectory(prefix="samespace-tables-") as folder:
        file = Path(folder) / "empty.db"
        open_records(f"sqlite:///{file}").close()
        assert not file.with_name("empty.db-wal").exists()
        return file.read_bytes()


@functools.cache
def _server() -> str | Exception:
    # One server for every module of the run; the module's fixtures could only share one through a conftest.
    stack = ExitStack()
    atexit.register(stack.close)
    try:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="samespace-pg-"))
        return stack.enter_context(postgres(Path(folder)))
    except Exception as error:  # whatever it is, PostgreSQL is not to be had
        return error


@functools.cache
def _laid(server: str) -> str:
    """A database with the tables, migrated once for all tests: each time it were a third of a second."""
    url = another(server, "laid")
    open_records(url).close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    server = _server()
    if isinstance(server, Exception):
        missing("PostgreSQL", server)
    if "records" in request.fixturenames:
        return cleared(_laid(server))
    return emptied(server)


@pytest.fixture
def records(database_url: str, tmp_path: Path) -> Iterator[Records]:
    lay_tables(tmp_path / "test.db")
    opened = open_records(database_url)
    yield opened
    opened.close()


@pytest.fixture
def collection(records: Records) -> Collection:
    return new_collection(records, "c1", "cats", "starter", [MODEL])


MODEL = model_of(
    Space("words", "builtin", "builtin:words", 384, frozenset({TEXT, IMAGE}), max_tokens=256),
    "fp" * 32,
)


def new_collection(
    records: Records, id: str, name: str, preset: str, models: Sequence[ModelRecord]
) -> Collection:
    """A collection on record, with nothing behind it."""
    records.collections.begin(id, preset, models)
    return records.collections.open(id, name)


def offer(
    id: str,
    content: str = "one",
    *,
    external_id: str | None = None,
    metadata: dict[str, object] | None = None,
    collection_id: str = "c1",
    job_id: str = "j1",
    **more: Any,
) -> Offer:
    """A text document; `content` stands for its bytes."""
    made = Offer(
        id=id,
        collection_id=collection_id,
        external_id=external_id,
        name=f"{id}.txt",
        media_type="text/plain",
        size=3,
        content_hash=digest(content),
        metadata=metadata or {},
        warnings=(),
        job_id=job_id,
    )
    return dataclasses.replace(made, **more)


def digest(content: str) -> str:
    """Something of the form of a content hash."""
    return content.encode().hex().ljust(64, "0")[:64]
