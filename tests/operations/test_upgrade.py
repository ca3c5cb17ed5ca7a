"""From the folder of the release before, without starting anything: kept, migrated, repeatable, and never backwards."""

import shutil
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from samespace.cli.main import run
from samespace.core.errors import Misconfigured
from samespace.core.marks import Marks
from samespace.operations.stack.folder import VERSION, Folder
from samespace.store.migrations import revisions
from samespace.store.records import open_records
from tests.data.releases import Release, unpack

NEWEST = revisions()[0]


# What the records of a release were at.
REVISIONS = {"0.1.0": "0001", "0.3.0": "0003"}


@pytest.fixture(params=REVISIONS)
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Release:
    return unpack(request.param, tmp_path / "data")


@pytest.fixture
def before(release: Release) -> str:
    """The revision of its records."""
    return revision(release.data / "records.db")


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_it_says_what_it_would_do_and_does_it_once(
    release: Release, before: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["upgrade", "--data", str(release.data)]
    assert run([*arguments, "--check"]) == 1
    assert f"migrated from {before} to {NEWEST}" in capsys.readouterr().out
    assert revision(release.data / "records.db") == before
    assert run(arguments) == 0
    assert revision(release.data / "records.db") == NEWEST
    (kept,) = release.data.glob("records.db.before-*")
    assert revision(kept) == before
    assert Folder(release.data).version == VERSION
    # The index of 0.1.0 is made again; the rows of 0.3.0 are written anew where they stand.
    assert (Marks(release.data).owed() is not None) == (before == "0001")
    capsys.readouterr()
    assert run([*arguments, "--check"]) == run(arguments) == 0
    assert capsys.readouterr().out.count("is of this release already") == 2


@pytest.mark.parametrize("cut_short_after", ["copying", "migrating"])
def test_an_interrupted_upgrade_is_started_again(
    release: Release, before: str, cut_short_after: str
) -> None:
    records = release.data / "records.db"
    (release.data / f"records.db.before-{version('samespace')}.new").write_bytes(b"half of a copy")
    if cut_short_after == "migrating":
        shutil.copy(records, release.data / f"records.db.before-{version('samespace')}")
        open_records(f"sqlite:///{records}").close()
    assert run(["upgrade", "--data", str(release.data)]) == 0
    assert revision(records) == NEWEST
    assert revision(next(release.data.glob("records.db.before-?.?.?"))) == before
    assert Folder(release.data).version == VERSION
    with closing(open_records(f"sqlite:///{records}")) as opened:
        assert opened.keys.find(release.key) is not None


def test_a_folder_of_a_newer_release_is_refused(
    release: Release, before: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (release.data / "version").write_text("99\n")
    assert run(["upgrade", "--data", str(release.data)]) == 1
    assert run(["upgrade", "--data", str(release.data), "--check"]) == 1
    assert capsys.readouterr().err.count("was written by a newer release (data version 99") == 2
    assert revision(release.data / "records.db") == before


def test_records_of_a_newer_release_are_refused(release: Release) -> None:
    with closing(sqlite3.connect(release.data / "records.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(Misconfigured, match=r"newer release \(revision 9999"):
        open_records(f"sqlite:///{release.data / 'records.db'}")


def test_a_new_folder_has_nothing_to_upgrade(tmp_path: Path) -> None:
    assert run(["upgrade", "--data", str(tmp_path / "new"), "--check"]) == 0
    assert not (tmp_path / "new").exists()
