"""A file that crashes, hangs or eats memory fails alone."""

import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from ingest.parse import Parsed, ParseJob, ReadJob
from ingest.sandbox import Sandbox
from ingest.thumbnail import ThumbnailJob
from samespace.core.errors import SamespaceError, Unavailable, Unreadable
from samespace.core.isolation import Job
from tests.ingest import files
from tests.ingest.hostile import (
    Abort,
    Eat,
    Echo,
    Flood,
    Hang,
    Lie,
    Pid,
    Refuse,
    Seen,
    Segfault,
    Stumble,
    Surroundings,
)

SECONDS = 2.0
MEMORY_MB = 1024


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2, SECONDS, MEMORY_MB) as sandbox:
        yield sandbox


def as_text(results: Iterator[str | SamespaceError]) -> list[str]:
    return [f"{type(result).__name__}: {result}" for result in results]


@pytest.mark.slow
def test_the_guilty_fail_alone_and_order_is_kept(sandbox: Sandbox) -> None:
    jobs: list[Job[str]] = [
        Echo("one"),
        Abort("abort.pdf"),
        Echo("two"),
        Segfault("segfault.tiff"),
        Hang("hang.heic"),
        Echo("three"),
        Eat("eat.docx"),
        Refuse("refuse.txt"),
        Stumble("stumble.pdf"),
        Echo("four"),
    ]
    assert as_text(sandbox.run_many(jobs)) == [
        "str: one",
        "Unreadable: abort.pdf crashed the process that opened it",
        "str: two",
        "Unreadable: segfault.tiff crashed the process that opened it",
        "Unreadable: hang.heic took longer than 2 s to open",
        "str: three",
        "Unreadable: eat.docx needed more than 1024 MB to open",
        "Unreadable: refuse.txt is empty",
        "Unreadable: stumble.pdf cannot be opened: 'xref'",
        "str: four",
    ]


def test_real_documents_travel(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(files.saved(files.noise(1024, 768), "JPEG"))
    scan = files.pdf(["", "words"])
    picture, page = sandbox.run_many(
        [
            ParseJob("a.jpg", "image/jpeg", path, files.LIMITS),
            ParseJob("a.pdf", "application/pdf", scan, files.LIMITS),
        ]
    )
    assert isinstance(picture, Parsed)
    assert picture.pictures[0].pixels.shape == (384, 512, 3)
    assert isinstance(page, Parsed)
    assert [text.page for text in page.texts] == [2]
    opening = ParseJob("a.pdf", "application/pdf", scan, files.LIMITS, key="a")
    (drawn,) = sandbox.run(ReadJob("a.pdf", "a", (1,), opening)).decoded
    np.testing.assert_array_equal(drawn, page.pictures[0].pixels)
    both = sandbox.run(ThumbnailJob("a.jpg", path, 10**8))
    assert (both.small[8:12], both.large[8:12]) == (b"WEBP", b"WEBP")


def test_an_error_of_one_job_is_raised(sandbox: Sandbox) -> None:
    with pytest.raises(Unreadable, match=r"^broken\.jpg is damaged"):
        sandbox.run(ParseJob("broken.jpg", "image/jpeg", files.truncated_jpeg(), files.LIMITS))
    with pytest.raises(Unreadable, match=r"^gone\.txt cannot be opened: .*No such file"):
        sandbox.run(ParseJob("gone.txt", "text/plain", Path("/gone.txt"), files.LIMITS))


def test_children_are_light_and_see_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMESPACE_API_KEY", "secret")
    with Sandbox(1, 60, MEMORY_MB) as sandbox:
        seen = sandbox.run(Surroundings())
    assert seen == Seen(has_key=False, heavy=(), core_bytes=0)


def said(head: bytes, *sizes: int) -> bytes:
    return struct.pack("<II", len(head), len(sizes)) + struct.pack(f"<{len(sizes)}Q", *sizes) + head


NONSENSE = "lie.pdf made the process that opened it answer nonsense"
LATE = "lie.pdf took longer than 2 s to open"
TOO_MUCH = r"lie.pdf gives more than 64 MB once opened (SAMESPACE_PARSE_OUTPUT_MB)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (Lie(said(b'["result",{}]', 1 << 40)), TOO_MUCH),
        (Lie(struct.pack("<II", 1 << 31, 0)), TOO_MUCH),
        (Lie(struct.pack("<II", 10, 1 << 31)), TOO_MUCH),
        (Lie(said(b'["result",{}]', 60 << 20)), LATE),  # claimed, never sent
        (Lie(said(b'["result","a very slow answer"]'), pause=0.3), LATE),
        (Lie(said(pickle.dumps(print))), NONSENSE),
        (Lie(said(b'["result",7]')), NONSENSE),
        (Lie(said(b'["error","OSError","x"]')), NONSENSE),
        (Lie(said(b'["result","x"]', 0)), NONSENSE),
    ],
)
def test_a_child_that_was_taken_over_takes_over_nobody(lie: Lie, reason: str) -> None:
    with Sandbox(1, SECONDS, MEMORY_MB, 64) as sandbox:
        sandbox.run(Echo("warm"))
        before = psutil.Process().memory_info().rss
        (answer,) = sandbox.run_many([lie])
        assert str(answer) == reason
        assert psutil.Process().memory_info().rss - before < 20 << 20
        assert sandbox.run(Echo("next")) == "next"


def test_output_is_bounded() -> None:
    with Sandbox(1, 60, MEMORY_MB, 64) as sandbox:
        assert len(sandbox.run(Flood(63))) == 63 << 20
        with pytest.raises(Unreadable, match=r"^flood\.docx gives more than 64 MB once opened"):
            sandbox.run(Flood(64))


def test_a_child_killed_while_idle_is_replaced() -> None:
    with Sandbox(1, 60, MEMORY_MB) as sandbox:
        first = sandbox.run(Pid())
        os.kill(first, signal.SIGKILL)
        assert sandbox.run(Pid()) != first


def test_a_timeout_that_a_library_sets_for_all_sockets_harms_no_file() -> None:
    """Celery does that when a worker stops, while documents are still being opened."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(5)
    try:
        with Sandbox(1, SECONDS, MEMORY_MB) as sandbox:
            assert sandbox.run(Echo("well")) == "well"
    finally:
        socket.setdefaulttimeout(before)


def test_many_threads_share_a_sandbox(sandbox: Sandbox) -> None:
    names = [[f"{thread}-{job}" for job in range(20)] for thread in range(8)]

    def ask(some: list[str]) -> list[str | SamespaceError]:
        return list(sandbox.run_many([Echo(name) for name in some]))

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, names)) == names


def test_jobs_are_taken_only_as_results_are(sandbox: Sandbox) -> None:
    taken = []

    def jobs() -> Iterator[Echo]:
        for number in range(100):
            taken.append(number)
            yield Echo(str(number))

    results = sandbox.run_many(jobs())
    assert next(results) == "0"
    assert len(taken) == 5


@pytest.mark.alone
def test_closing_ends_children_at_once_even_a_hanging_one() -> None:
    sandbox = Sandbox(2, 600, MEMORY_MB)
    child = psutil.Process(sandbox.run(Pid()))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(sandbox.run, Hang("hang.pdf"))
        time.sleep(0.2)
        start = time.monotonic()
        sandbox.close()
        with pytest.raises(Unavailable, match="closed"):
            waiting.result()
    assert time.monotonic() - start < 5
    assert not child.is_running()
    with pytest.raises(Unavailable, match="closed"):
        sandbox.run(Echo("late"))


UNGUARDED = """
import sys
print("started", flush=True)
from ingest.sandbox import Sandbox
from tests.ingest.hostile import Hang, Pid
sandbox = Sandbox(1, 600, 1024)
print(sandbox.run(Pid()), flush=True)
list(sandbox.run_many([Hang("hang")]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_outlives_a_killed_parent_nor_runs_its_script(
    tmp_path: Path, end: signal.Signals
) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(f"import sys\nsys.path[:] = {sys.path!r}\n{UNGUARDED}")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(end)
        parent.wait(10)
        assert parent.stdout.read() == ""
    gone, alive = psutil.wait_procs([child], timeout=5)
    assert alive == []
    assert gone == [child]
