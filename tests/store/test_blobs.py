"""Blobs on disk and in a bucket: whole or not at all, under keys that reach nowhere else."""

import atexit
import errno
import functools
import hashlib
import io
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import boto3
import pytest

from samespace.core.errors import InvalidRequest, NotFound, Unavailable
from samespace.store.blobs import Blobs, Size, check_key, original, thumbnail, thumbnails
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.blobs_s3 import S3Blobs
from tests.missing import missing
from tests.s3 import s3

MB = 1 << 20


@functools.cache
def _endpoint() -> str | Exception:
    stack = ExitStack()
    atexit.register(stack.close)
    try:
        return stack.enter_context(s3())
    except Exception as error:  # whatever it is, S3 is not to be had
        return error


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> str:
    """An S3 server, and what every AWS tool reads to reach it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = _endpoint()
    if isinstance(server, Exception):
        missing("S3", server)
    return server


@pytest.fixture
def bucket(endpoint: str) -> str:
    name = f"test-{uuid4().hex}"
    with closing(boto3.client("s3", endpoint_url=endpoint)) as client:
        client.create_bucket(Bucket=name)
    return name


@pytest.fixture(params=["disk", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "disk":
        return DiskBlobs(tmp_path / "blobs")
    endpoint, bucket = request.getfixturevalue("endpoint"), request.getfixturevalue("bucket")
    return S3Blobs(bucket, "some/prefix", endpoint)


def _key(content: bytes) -> str:
    return original(hashlib.sha256(content).hexdigest())


def _put(blobs: Blobs, content: bytes) -> str:
    blobs.put(_key(content), io.BytesIO(content))
    return _key(content)


def test_what_was_put_is_there(blobs: Blobs) -> None:
    key = _put(blobs, b"cat")

    assert blobs.exists(key)
    assert blobs.get(key) == b"cat"
    with blobs.open(key) as stream:
        assert (stream.read(2), stream.read(), stream.read()) == (b"ca", b"t", b"")
    assert list(blobs.keys("originals")) == [key]


def test_many_that_are_put_together_are_there(blobs: Blobs) -> None:
    contents = [f"cat {number}".encode() for number in range(40)]
    _put(blobs, contents[7])

    together = [(_key(content), io.BytesIO(content)) for content in [*contents, contents[3]]]
    assert blobs.put_all(together) == [None] * 41
    assert blobs.put_all([]) == []

    assert [blobs.get(_key(content)) for content in contents] == contents
    assert list(blobs.keys("originals")) == sorted(map(_key, contents))
    assert list(blobs.leftovers(0)) == []


def test_one_that_cannot_be_written_keeps_none_before_it_out(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    contents = [f"cat {number}".encode() for number in range(3)]
    sources: list[BinaryIO] = [
        io.BytesIO(contents[0]),
        io.BufferedReader(_Broken()),
        io.BytesIO(contents[2]),
    ]

    faults = blobs.put_all(list(zip(map(_key, contents), sources, strict=True)))

    assert faults[0] is None
    assert isinstance(faults[1], Unavailable)
    assert "Input/output error" in str(faults[1])
    assert faults[2] is faults[1]
    assert list(blobs.keys("originals")) == [_key(contents[0])]
    assert list(blobs.leftovers(0)) == []


def test_nothing_is_a_content_too(blobs: Blobs) -> None:
    assert blobs.get(_put(blobs, b"")) == b""


def test_what_is_not_there_is_not_found(blobs: Blobs) -> None:
    key = _key(b"cat")

    assert not blobs.exists(key)
    with pytest.raises(NotFound, match=key):
        blobs.get(key)
    with pytest.raises(NotFound, match=key):
        blobs.open(key)
    assert list(blobs.keys("originals")) == []


def test_the_same_key_twice_is_the_same_bytes(blobs: Blobs) -> None:
    key = _put(blobs, b"cat")
    blobs.put(key, io.BytesIO(b"not read: a key names its bytes"))

    assert blobs.get(key) == b"cat"
    assert list(blobs.keys("originals")) == [key]


def test_many_put_the_same_at_once(blobs: Blobs) -> None:
    content = b"cat" * 100_000
    with ThreadPoolExecutor(6) as pool:
        keys = set(pool.map(lambda _: _put(blobs, content), range(6)))

    (key,) = keys
    assert blobs.get(key) == content
    assert list(blobs.keys("originals")) == [key]


def test_what_was_deleted_is_gone(blobs: Blobs) -> None:
    key = _put(blobs, b"cat")
    blobs.delete(key)
    blobs.delete(key)  # a task may run twice

    assert not blobs.exists(key)
    assert list(blobs.keys("originals")) == []
    assert blobs.get(_put(blobs, b"cat")) == b"cat"


def test_keys_are_of_one_kind_and_in_order(blobs: Blobs) -> None:
    hashes = [hashlib.sha256(bytes([number])).hexdigest() for number in range(20)]
    for content_hash in hashes:
        blobs.put(original(content_hash), io.BytesIO(b"x"))
    for key in thumbnails(hashes[0]):
        blobs.put(key, io.BytesIO(b"x"))

    assert list(blobs.keys("originals")) == sorted(map(original, hashes))
    assert list(blobs.keys("thumbnails")) == [thumbnail(hashes[0], Size.SMALL)]
    assert list(blobs.keys("original")) == []


BAD_KEYS = [
    "",
    "cat",
    "../../etc/passwd",
    f"../originals/{'a' * 64}",
    f"originals/../{'a' * 64}",
    f"originals/{'A' * 64}",
    f"Originals/{'a' * 64}",
    f"originals/{'a' * 63}",
    f"originals/{'a' * 65}",
    f"originals/{'a' * 64}\n",
    f"originals/{'a' * 64}/x",
    f"/originals/{'a' * 64}",
    f"originals//{'a' * 64}",
    f"originals/{'g' * 64}",
    f"originals/{'a' * 63}\0",
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_bad_key_is_refused_by_every_door(blobs: Blobs, key: str) -> None:
    doors: list[Callable[[str], object]] = [
        check_key,
        blobs.get,
        blobs.open,
        blobs.exists,
        blobs.delete,
        lambda bad: blobs.put(bad, io.BytesIO(b"x")),
    ]
    for door in doors:
        with pytest.raises(InvalidRequest, match="not a blob key"):
            door(key)


class _Broken(io.RawIOBase):
    """A source on a disk that is broken."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # noqa: ARG002
        raise OSError(errno.EIO, "Input/output error")


class _Breaking(io.RawIOBase):
    """A source that gives so many bytes, then fails."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._left <= 0:
            raise ConnectionAbortedError("the client went away")
        count = min(len(buffer), self._left)
        buffer[:count] = bytes(count)
        self._left -= count
        return count


@pytest.mark.parametrize("size", [10, 3 * MB, 20 * MB])
def test_a_source_that_fails_half_way_leaves_nothing(
    blobs: Blobs, size: int, tmp_path: Path
) -> None:
    key = _key(b"cat")

    with pytest.raises((ConnectionAbortedError, Unavailable)):
        blobs.put(key, io.BufferedReader(_Breaking(size)))

    assert not blobs.exists(key)
    assert list(blobs.keys("originals")) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert blobs.get(_put(blobs, b"cat")) == b"cat"


def test_a_large_stream_passes_without_being_held(blobs: Blobs, tmp_path: Path) -> None:
    content = hashlib.sha256(b"seed").digest() * (20 * MB // 32)
    path = tmp_path / "large"
    path.write_bytes(content)
    expected, key = hashlib.sha256(content).hexdigest(), _key(content)
    del content

    tracemalloc.start()
    with path.open("rb") as source:
        blobs.put(key, source)
    seen = hashlib.sha256()
    with blobs.open(key) as stream:
        while chunk := stream.read(MB):
            seen.update(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert seen.hexdigest() == expected
    if isinstance(blobs, DiskBlobs):  # the S3 server of the tests lives in this process
        assert peak < 4 * MB


@pytest.mark.parametrize("size", [3, 9 * MB])
def test_the_callers_file_stays_open(blobs: Blobs, size: int) -> None:
    source = io.BytesIO(bytes(size))
    blobs.put(_key(bytes(size)), source)
    assert not source.closed

    source.seek(0)
    blobs.put(thumbnail("a" * 64, Size.SMALL), source)
    assert not source.closed


def test_it_reads_from_where_the_source_stands(blobs: Blobs) -> None:
    source = io.BytesIO(b"a cat")
    source.seek(2)
    blobs.put(_key(b"cat"), source)

    assert blobs.get(_key(b"cat")) == b"cat"


def test_ping_is_quiet_while_the_store_answers(blobs: Blobs) -> None:
    blobs.ping()


# What only one of them has.


def test_a_reader_on_disk_never_sees_part_of_a_blob(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    key = _key(b"cat")
    half, go_on = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                half.set()
                go_on.wait(20)
            return super().read(min(2, size or 2))

    with ThreadPoolExecutor(1) as pool:
        putting = pool.submit(blobs.put, key, Slow(b"cat"))
        assert half.wait(20)
        assert not blobs.exists(key)
        assert list(blobs.keys("originals")) == []
        go_on.set()
        putting.result()

    assert blobs.get(key) == b"cat"


def test_a_folder_that_cannot_be_written_to_is_unavailable(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    blobs.ping()
    (tmp_path / "blobs").rmdir()
    (tmp_path / "blobs").write_bytes(b"a file where the folder was")

    with pytest.raises(Unavailable, match="originals/"):
        _put(blobs, b"cat")


def test_a_folder_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    (tmp_path / "blobs").rmdir()

    with pytest.raises(Unavailable, match="blobs"):
        blobs.ping()


@pytest.mark.parametrize("prefix", ["", "/", "a", "/a/b/"])
def test_a_prefix_is_a_folder_in_the_bucket(endpoint: str, bucket: str, prefix: str) -> None:
    blobs, neighbour = S3Blobs(bucket, prefix, endpoint), S3Blobs(bucket, "ab", endpoint)
    key = _put(blobs, b"cat")

    with closing(boto3.client("s3", endpoint_url=endpoint)) as client:
        names = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert names == [f"{prefix.strip('/')}/{key}".lstrip("/")]
    assert list(blobs.keys("originals")) == [key]
    assert list(neighbour.keys("originals")) == []
    assert not neighbour.exists(key)


@pytest.mark.slow
def test_a_bucket_of_more_than_a_page_is_listed_whole(endpoint: str, bucket: str) -> None:
    blobs = S3Blobs(bucket, "", endpoint)
    keys = [original(f"{number:064x}") for number in range(1100)]
    with closing(boto3.client("s3", endpoint_url=endpoint)) as client:
        for key in keys:
            client.put_object(Bucket=bucket, Key=key, Body=b"")

    assert list(blobs.keys("originals")) == keys


def test_a_bucket_that_is_not_there_is_unavailable(endpoint: str) -> None:
    blobs = S3Blobs("nobodys", "", endpoint)

    with pytest.raises(Unavailable, match="nobodys"):
        blobs.ping()
    with pytest.raises(Unavailable, match="nobodys"):
        list(blobs.keys("originals"))
    with pytest.raises(Unavailable, match="nobodys"):
        blobs.get(_key(b"cat"))
    with pytest.raises(Unavailable, match="nobodys"):
        _put(blobs, b"cat")


class _Cutting(BaseHTTPRequestHandler):
    """Promises 100 bytes, sends 3 and hangs up."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"cat")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def cutting() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Cutting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _get(blobs: Blobs, key: str) -> bytes:
    return blobs.get(key)


def _open_and_read(blobs: Blobs, key: str) -> bytes:
    stream: BinaryIO
    with blobs.open(key) as stream:
        return stream.read()


@pytest.mark.usefixtures("endpoint")  # for the credentials
@pytest.mark.parametrize("read", [_get, _open_and_read])
def test_a_download_that_breaks_off_is_unavailable(
    cutting: str, read: Callable[[Blobs, str], bytes]
) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        read(S3Blobs("bucket", "", cutting), _key(b"cat"))


def test_when_it_was_stored_is_known(blobs: Blobs) -> None:
    before = time.time()
    stored = blobs.stored_at(_put(blobs, b"cat"))

    assert before - 2 < stored < time.time() + 2
    with pytest.raises(NotFound):
        blobs.stored_at(_key(b"dog"))


def test_nothing_is_left_over_of_puts_that_ended(blobs: Blobs) -> None:
    _put(blobs, b"cat")

    assert list(blobs.leftovers(-60)) == []


def test_what_a_killed_put_left_on_disk_is_found_and_removed(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    key = _put(blobs, b"cat")
    half = next(tmp_path.glob("originals/*")) / ".new-half"
    half.write_bytes(b"ca")

    assert list(blobs.leftovers(60)) == []  # somebody may be writing it
    (name,) = blobs.leftovers(-60)
    blobs.remove_leftover(name)
    blobs.remove_leftover(name)
    assert not half.exists()
    assert list(blobs.keys("originals")) == [key]


def test_what_a_killed_put_left_in_a_bucket_is_found_and_removed(
    endpoint: str, bucket: str
) -> None:
    blobs = S3Blobs(bucket, "some/prefix", endpoint)
    with closing(boto3.client("s3", endpoint_url=endpoint)) as client:
        client.create_multipart_upload(Bucket=bucket, Key=f"some/prefix/{_key(b'cat')}")
        client.create_multipart_upload(Bucket=bucket, Key="elsewhere")

    assert list(blobs.leftovers(3600 * 24 * 365 * 30)) == []
    (name,) = blobs.leftovers(-60)
    blobs.remove_leftover(name)
    blobs.remove_leftover(name)
    assert list(blobs.leftovers(-60)) == []


def test_other_files_in_the_folder_are_no_blobs(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    key = _put(blobs, b"cat")
    (next(tmp_path.glob("originals/*")) / "Thumbs.db").write_bytes(b"")

    assert list(blobs.keys("originals")) == [key]
