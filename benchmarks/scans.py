"""What a worker holds while scans come in: `python -m benchmarks.scans [--files 64] [--pages 64]`.

PDFs whose every page is a picture are accepted beforehand; then the queue is told, and until the last one is ready
the memory of the worker and of the child processes that open files is looked at four times a second: their share of
the machine's (PSS), so that what several of them map counts once. Beside it the time and the processor time that the
pages took.
"""

import argparse
import io
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from PIL import Image, ImageDraw

from benchmarks import corpus
from benchmarks.worker import accept, cpu_of, servers, wait_ready, worker_of
from ingest.accept import Upload
from ingest.collections import create_collection

_A4 = (1240, 1754)
"""Pixels at 150 dpi, what a page is drawn with."""
_LOOK_SECONDS = 0.25
_MB = 1024 * 1024


class Watch:
    """The most memory that a process, those below it, and all together had, in MB."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.own = self.children = self.all = 0.0

    def look(self) -> None:
        """Note what they have now, where it is more than before."""
        own = _share_of(self._process)
        children = sum(map(_share_of, self._process.children(recursive=True)))
        self.own, self.children = max(self.own, own), max(self.children, children)
        self.all = max(self.all, own + children)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look again and again while the block runs."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(_LOOK_SECONDS):
                self.look()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--files", type=int, default=64)
    parser.add_argument("--pages", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samespace-bench-") as folder:
        _measure(Path(folder), options.files, options.pages)


def _measure(folder: Path, files: int, pages: int) -> None:
    with servers(folder) as (settings, services, queue), worker_of(settings) as worker:
        collection = create_collection(
            "bench",
            "starter",
            records=services.records,
            index=services.index,
            encoders=services.encoders,
        )
        accept(_scans(1, 4, seed=1), collection, services, "warm-up")
        queue.ingest(1)
        wait_ready(services, collection, 1)
        before = Watch(worker)
        before.look()
        services.records.collections.pause(collection.id)
        accept(_scans(files, pages), collection, services, "bench")
        services.records.collections.pause(collection.id, paused=False)
        watch, cpu, started = Watch(worker), cpu_of([worker]), time.perf_counter()
        queue.ingest(files)
        with watch.looking():
            wait_ready(services, collection, files + 1)
        seconds, cpu = time.perf_counter() - started, cpu_of([worker]) - cpu
    _say(before, watch)
    count = files * pages
    print(
        f"{files} x {pages} pages: {count / seconds:.1f} a second, {1000 * cpu / count:.1f} ms cpu"
    )


def _say(before: Watch, watch: Watch) -> None:
    for who in ("own", "children", "all"):
        idle, most = getattr(before, who), getattr(watch, who)
        print(f"{who}: {idle:.0f} MB before, {most:.0f} MB at most, {most - idle:+.0f} MB")


def _share_of(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return float(process.memory_full_info().pss) / _MB
    return 0.0


def _scans(files: int, pages: int, seed: int = 0) -> Iterator[Upload]:
    """PDFs whose pages are pictures of lines of words, a different one each."""
    chance = random.Random(seed)
    vocabulary = corpus.words()
    for number in range(files):
        drawn = [_page(chance, vocabulary) for _ in range(pages)]
        data = io.BytesIO()
        drawn[0].save(data, "PDF", save_all=True, append_images=drawn[1:], resolution=150)
        yield Upload(f"scan-{seed}-{number}.pdf", io.BytesIO(data.getvalue()))


def _page(chance: random.Random, vocabulary: Sequence[str]) -> Image.Image:
    page = Image.new("RGB", _A4, (250, 248, 240))
    draw = ImageDraw.Draw(page)
    for line in range(60):
        words = " ".join(chance.choices(vocabulary, k=12))
        draw.text((100, 100 + 26 * line), words, fill=(30, 30, 40))
    return page


if __name__ == "__main__":
    main()
