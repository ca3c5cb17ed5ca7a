"""A backup holds one moment, whatever happens meanwhile; restored, the stores say the same."""

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import numpy as np
import pytest

from samespace.cli.main import run
from samespace.core.errors import Conflict, Misconfigured, NotFound, Unreadable
from samespace.core.settings import Settings
from samespace.operations.backup.backup import Backup, back_up
from samespace.operations.backup.restore import check, restore
from samespace.operations.backup.settings import kept_settings
from samespace.operations.backup.stores import Stores
from samespace.store.blobs import Blobs, original, thumbnails
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.blobs_s3 import S3Blobs
from samespace.store.records import Records, open_records
from samespace.store.sql import open_engine
from samespace.store.vectors import VectorCache, make_table
from tests.data.releases import unpack
from tests.store.sql_fixtures import MODEL, database_url, new_collection, offer
from tests.store.test_blobs import bucket, endpoint

pytestmark = pytest.mark.slow

__all__ = ["bucket", "database_url", "endpoint"]

SAID: dict[str, object] = {"set": {}, "secrets": []}


def open_stores(records_url: str, vectors_url: str, blobs: Blobs) -> Stores:
    stores = Stores(open_engine(records_url), open_engine(vectors_url), blobs)
    make_table(stores.vectors)
    return stores


def on_disk(folder: Path) -> Stores:
    folder.mkdir(exist_ok=True)
    records, vectors = (f"sqlite:///{folder / name}" for name in ("records.db", "vectors.db"))
    return open_stores(records, vectors, DiskBlobs(folder / "blobs"))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stores]:
    with closing(on_disk(tmp_path / "fresh")) as stores:
        yield stores


def fill(stores: Stores, documents: int = 3) -> list[str]:
    """Documents that wait, a key, and a vector for each original; the content hashes."""
    records = open_records(stores.records.url.render_as_string(hide_password=False))
    cache = VectorCache(stores.vectors.url.render_as_string(hide_password=False))
    with closing(records), closing(cache):
        if not records.collections.all():
            new_collection(records, "c1", "cats", "starter", [MODEL])
            records.keys.create("laptop")
        return [add(records, cache, stores.blobs) for _ in range(documents)]


def add(records: Records, cache: VectorCache, blobs: Blobs) -> str:
    content = uuid4().hex.encode()
    digest = hashlib.sha256(content).hexdigest()
    for key in (original(digest), *thumbnails(digest)):
        blobs.put(key, io.BytesIO(content))
    cache.put(MODEL.fingerprint, {digest: np.ones(384, np.float32)}, "float32")
    records.documents.accept(replace(offer(uuid4().hex), content_hash=digest, size=32))
    return digest


def written(stores: Stores, file: Path) -> Backup:
    with file.open("wb") as stream:
        return back_up(stores, stream, SAID)


def test_what_was_backed_up_is_restored(tmp_path: Path, fresh: Stores) -> None:
    with closing(on_disk(tmp_path / "old")) as old:
        hashes = fill(old)
        done = written(old, tmp_path / "b.tar")
        assert (done.rows["documents"], done.rows["keys"], done.originals) == (3, 1, 3)
        assert done.is_whole
        assert "sessions" not in done.rows  # nobody is signed in again by a restore
        assert "asked_queries" not in done.rows  # what is forgotten does not come back
        assert done.rows["kept_queries"] == 0
        restored = restore(tmp_path / "b.tar", fresh)
        assert restored.backup == done
        same_rows(old, fresh)
    for kind in ("originals", "thumbnails", "thumbnails-large"):
        assert {key.partition("/")[2] for key in fresh.blobs.keys(kind)} == set(hashes)
    assert hashlib.sha256(fresh.blobs.get(original(hashes[0]))).hexdigest() == hashes[0]


def same_rows(one: Stores, other: Stores) -> None:
    for mine, theirs in ((one.records, other.records), (one.vectors, other.vectors)):
        with mine.connect() as left, theirs.connect() as right:
            for table in (
                ("collections", "keys", "documents", "items")
                if mine is one.records
                else ("vectors",)
            ):
                query = f"SELECT * FROM {table} ORDER BY 1, 2"  # noqa: S608
                assert left.exec_driver_sql(query).all() == right.exec_driver_sql(query).all()


def test_servers_are_backed_up_into_the_same_file_and_restored_from_it(
    tmp_path: Path, database_url: str, endpoint: str, bucket: str, fresh: Stores
) -> None:
    on_servers = open_stores(database_url, database_url, S3Blobs(bucket, "some", endpoint))
    with closing(on_servers):
        fill(on_servers)
        first = written(on_servers, tmp_path / "b.tar")
    restore(tmp_path / "b.tar", fresh)
    again = written(fresh, tmp_path / "again.tar")
    assert (again.rows, again.vectors, again.originals) == (first.rows, first.vectors, 3)


def test_a_backup_is_restored_onto_servers(
    tmp_path: Path, database_url: str, endpoint: str, bucket: str, fresh: Stores
) -> None:
    fill(fresh)
    written(fresh, tmp_path / "b.tar")
    target = open_stores(database_url, database_url, S3Blobs(bucket, "some", endpoint))
    with closing(target):
        restore(tmp_path / "b.tar", target)
        fill(target, 1)
        assert written(target, tmp_path / "again.tar").originals == 4
        with pytest.raises(Conflict, match="1 collections"):
            restore(tmp_path / "b.tar", target)


def test_a_backup_of_a_busy_installation_is_of_one_moment(tmp_path: Path, fresh: Stores) -> None:
    """Documents come and go all the while; each that the copied records name has its original in the file."""
    with closing(on_disk(tmp_path / "old")) as old:
        fill(old, 20)
        stop, busy = threading.Event(), threading.Thread(target=lambda: come_and_go(old, stop))
        busy.start()
        try:
            backups = [written(old, tmp_path / f"{number}.tar") for number in range(3)]
        finally:
            stop.set()
            busy.join()
    assert all(one.is_whole for one in backups)
    for number in range(3):
        names, needed = content_of(tmp_path / f"{number}.tar", tmp_path)
        assert needed <= names
    restore(tmp_path / "2.tar", fresh)
    assert {key.partition("/")[2] for key in fresh.blobs.keys("originals")} == needed


def come_and_go(stores: Stores, stop: threading.Event) -> None:
    records = open_records(str(stores.records.url))
    cache = VectorCache(str(stores.vectors.url))
    with closing(records), closing(cache):
        while not stop.is_set():
            add(records, cache, stores.blobs)
            doc = records.documents.page("c1", limit=1)[0]
            records.documents.mark_deleted("c1", [doc.id])
            records.documents.remove(doc.id)
            with records.documents.blob_lock(doc.content_hash) as is_unused:
                assert is_unused
                stores.blobs.delete(original(doc.content_hash))


def content_of(file: Path, folder: Path) -> tuple[set[str], set[str]]:
    """The originals in a backup, and those that its records name."""
    with tarfile.open(file) as tar:
        names = {one.name.rpartition("/")[2] for one in tar if one.name.startswith("blobs/")}
        tar.extract("records.db", folder, filter="data")
    engine = open_engine(f"sqlite:///{folder / 'records.db'}")
    with engine.connect() as connection:
        needed = (
            connection.exec_driver_sql(
                "SELECT content_hash FROM documents WHERE state <> 'deleting'"
            )
            .scalars()
            .all()
        )
    engine.dispose()
    return names, set(needed)


class Forgetful(DiskBlobs):
    """A store in which a document comes while the others are copied, and goes just as it is to be copied itself."""

    def __init__(self, root: Path, stores: Stores, records: Records) -> None:
        super().__init__(root)
        self.stores, self.records = stores, records
        self.came: list[str] = []

    def open(self, key: str) -> BinaryIO:
        if not self.came:
            self.came = fill(self.stores, 1)
        if key == original(self.came[0]):
            (doc,) = self.records.holdings.holders(self.came[0])
            self.records.documents.mark_deleted("c1", [doc.id])
            self.records.documents.remove(doc.id)
            raise NotFound(key)
        return super().open(key)


def test_what_is_deleted_while_it_is_copied_is_not_in_the_records_either(tmp_path: Path) -> None:
    with closing(on_disk(tmp_path / "old")) as old:
        hashes = fill(old, 5)
        with closing(open_records(str(old.records.url))) as records:
            blobs = Forgetful(tmp_path / "old" / "blobs", old, records)
            done = written(replace(old, blobs=blobs), tmp_path / "b.tar")
    assert done.is_whole
    assert done.rows["documents"] == 5
    names, needed = content_of(tmp_path / "b.tar", tmp_path)
    assert names == needed == set(hashes)


def test_a_lost_original_and_a_damaged_one_are_named_and_all_else_is_there(
    tmp_path: Path, fresh: Stores
) -> None:
    with closing(on_disk(tmp_path / "old")) as old:
        lost, damaged, _ = fill(old)
        old.blobs.delete(original(lost))
        old.blobs.delete(original(damaged))
        old.blobs.put(original(damaged), io.BytesIO(b"other bytes"))
        done = written(old, tmp_path / "b.tar")
    assert (done.lost, done.damaged, done.originals, len(done.examples)) == (1, 1, 2, 2)
    assert restore(tmp_path / "b.tar", fresh).backup.rows["documents"] == 3


@pytest.mark.parametrize("place", [0.3, 0.97])
def test_a_damaged_backup_is_refused_and_nothing_is_written(
    tmp_path: Path, fresh: Stores, place: float
) -> None:
    with closing(on_disk(tmp_path / "old")) as old:
        fill(old)
        written(old, tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    end = whole.rstrip(b"\0")
    for broken in (whole[: int(len(end) * place)], flipped(end, int(len(end) * place))):
        (tmp_path / "b.tar").write_bytes(broken)
        with pytest.raises(Unreadable, match=r"damaged|cut short|not a backup"):
            restore(tmp_path / "b.tar", fresh)
    assert list(fresh.blobs.keys("originals")) == []


def flipped(content: bytes, place: int) -> bytes:
    """With a byte changed that is not padding."""
    place = next(at for at in range(place, len(content)) if content[at])
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :] + bytes(10_240)


def test_a_backup_of_a_newer_release_is_refused(tmp_path: Path, fresh: Stores) -> None:
    head = json.dumps({"format": 99, "release": "9.0.0", "revision": "0001"}).encode()
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        member = tarfile.TarInfo("samespace-backup.json")
        member.size = len(head)
        tar.addfile(member, io.BytesIO(head))
    with pytest.raises(Misconfigured, match=r"release 9\.0\.0, which is newer"):
        check(tmp_path / "b.tar")


def test_records_of_an_older_release_are_backed_up_as_they_are_and_restored_as_they_should_be(
    tmp_path: Path, fresh: Stores
) -> None:
    release = unpack("0.1.0", tmp_path / "old")
    with closing(on_disk(release.data)) as old:
        assert written(old, tmp_path / "b.tar").revision == "0001"
    restore(tmp_path / "b.tar", fresh)
    with closing(open_records(str(fresh.records.url))) as records:
        assert records.keys.find(release.key) is not None
        assert records.collections.find("notes").held_documents == 5


def test_secrets_stay_behind_and_are_named() -> None:
    settings = Settings(
        api_key="hush",
        database_url="postgresql+psycopg://me:hush@db:5432/samespace",
        redis_url="redis://queue:6379/0",
        max_files=7,
    )
    assert kept_settings(settings) == {
        "set": {
            "database_url": "postgresql+psycopg://me:***@db:5432/samespace",
            "max_files": "7",
            "redis_url": "redis://queue:6379/0",
        },
        "secrets": ["api_key", "database_url"],
    }


def test_the_commands_overwrite_nothing_and_delete_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = unpack("0.1.0", tmp_path / "old").data, str(tmp_path / "b.tar")
    assert run(["backup", file, "--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["documents"] == 5
    assert run(["backup", file, "--data", str(data)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert run(["backup", file, "--check"]) == 0
    assert run(["restore", file, "--data", str(data)]) == 1
    assert "there is something already" in capsys.readouterr().err
    assert run(["restore", file, "--data", str(data), "--force"]) == 0
    (aside,) = tmp_path.glob("old.before-*")
    assert (aside / "said.json").exists()
    assert (data / "run" / "unverified").exists()
    assert run(["restore", str(tmp_path / "none.tar"), "--data", str(data), "--force"]) == 1
    assert run(["backup", str(tmp_path / "n.tar"), "--data", str(tmp_path / "nowhere")]) == 1
    assert "there are no records" in capsys.readouterr().err
    assert sorted(one.name for one in tmp_path.glob("*.tar*")) == ["b.tar"]


def test_a_disk_that_is_too_full_is_named_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = unpack("0.1.0", tmp_path / "old").data
    engine = open_engine(f"sqlite:///{data / 'records.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("UPDATE documents SET size = 1000000000000000")
        connection.commit()
    engine.dispose()
    assert run(["backup", str(tmp_path / "b.tar"), "--data", str(data)]) == 1
    assert "MB are needed" in capsys.readouterr().err
    assert not (tmp_path / "b.tar").exists()
