"""`python -m benchmarks.map`: what the layout of a map takes, in seconds and in memory of its process.

The vectors are clusters of 384 dimensions; the process is warm, so that nothing is compiled while it is timed.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

from samespace.core.types import Vectors
from search.layout import NEIGHBOURS, Places
from search.layout_process import LayoutProcess

_DIM = 384
_POINTS_EACH = 50
_BATCH = 1000
_LOOK_SECONDS = 0.05
_NEW = 0.1


def main() -> None:
    """Print a line for each number of points."""
    options = _options()
    _lay_out(options.cache, _clusters(4 * NEIGHBOURS), None)
    for count in options.points:
        vectors = _clusters(count)
        old = round(count * (1 - _NEW))
        before, *_ = _lay_out(options.cache, vectors[:old], None)
        after, wall, processor, memory = _lay_out(options.cache, vectors, before)
        moved = np.median(np.linalg.norm(after[:old] - before, axis=1))
        _, fresh_wall, fresh_processor, fresh_memory = _lay_out(options.cache, vectors, None)
        print(
            f"{count:,} points: {fresh_wall:.1f} s ({fresh_processor:.1f} s of processor), "
            f"{fresh_memory:.0f} MB at most; again with a tenth new: {wall:.1f} s "
            f"({processor:.1f} s), {memory:.0f} MB, moved by {moved:.3f} (median)"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "samespace-map")
    return parser.parse_args()


def _clusters(count: int) -> Vectors:
    """Unit rows around some centres, as embeddings lie; a smaller number of them is the beginning of a larger."""
    centres = np.random.default_rng(0).normal(size=(max(1, count // _POINTS_EACH), _DIM))
    random = np.random.default_rng(1)
    rows = centres[random.integers(0, len(centres), count)]
    rows = rows + 0.7 * random.normal(size=rows.shape)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _lay_out(
    cache: Path, vectors: Vectors, before: Places | None
) -> tuple[Places, float, float, float]:
    """The places, and what they took: seconds, seconds of processor, MB at most."""
    former = np.full((len(vectors), 2), np.nan, np.float32)
    if before is not None:
        former[: len(before)] = before
    began = time.perf_counter()
    with LayoutProcess(cache) as process, _watching(process) as seen:
        for start in range(0, len(vectors), _BATCH):
            process.send(vectors[start : start + _BATCH])
        places = process.places(np.zeros(len(vectors), np.uint8), former, lambda _: True)
        seconds = time.perf_counter() - began
    assert places is not None
    return places, seconds, seen["processor"], seen["memory"] / 1e6


@contextmanager
def _watching(process: LayoutProcess) -> Iterator[dict[str, float]]:
    """The most memory and the processor time of a process, looked at until the block ends or it does."""
    seen = {"memory": 0.0, "processor": 0.0}
    done = threading.Event()

    def look() -> None:
        watched = psutil.Process(process._process.pid)
        try:
            while not done.wait(_LOOK_SECONDS):
                times = watched.cpu_times()
                seen["processor"] = times.user + times.system
                seen["memory"] = max(seen["memory"], float(watched.memory_info().rss))
        except psutil.Error:
            return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    main()
