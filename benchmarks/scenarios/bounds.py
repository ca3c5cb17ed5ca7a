"""What is to stay within bounds, and takes long to see: memory under large uploads, a second worker."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks import corpus
from benchmarks.figures import Figure, ratio
from benchmarks.scenarios.bench import MB, Bench, console, resident_mb, running
from samespace.client import Source

_FILE_MB = 50
_EVERY_SECONDS = 0.05


def upload(bench: Bench) -> Iterator[Figure]:
    """How much the API grows while large files come in; they fail later, having too many characters."""
    megabytes = bench.options.upload_mb
    console.print(f"uploading {megabytes} MB")
    bench.client.create_collection("large")
    api = bench.stack.part("api")
    assert api is not None
    before = resident_mb(api)
    with _watching(api) as seen:
        for number in range(max(1, megabytes // _FILE_MB)):
            text = f"{number} " + "samespace " * (5 * MB)
            content = text.encode()[: _FILE_MB * MB]
            bench.client.add("large", [Source(content, name=f"{number}.txt")])
    yield Figure("upload/growth of the API", max(seen) - before, "MB")


def workers(bench: Bench) -> Iterator[Figure]:
    """Two workers of one thread each against one, over the same passages, each on a stack of its own."""
    texts = corpus.passages(bench.options.passages)
    paces = []
    for count in (1, 2):
        console.print(f"{count} worker(s) of one thread")
        folder = bench.folder / f"workers-{count}"
        with running(folder, bench.options, threads=1, parsers=1, workers=count) as other:
            paces.append(_pace(texts, other))
    yield Figure("workers/two to one", ratio(paces[1], paces[0]), "times")


def _pace(texts: list[str], bench: Bench) -> float:
    name = bench.collection("texts")
    started = time.perf_counter()
    added = bench.client.add(name, [Source(text) for text in texts])
    bench.client.wait(*added["job_ids"])
    return len(texts) / (time.perf_counter() - started)


@contextmanager
def _watching(process: psutil.Process) -> Iterator[list[float]]:
    seen, done = [resident_mb(process)], threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY_SECONDS):
            seen.append(resident_mb(process))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()
