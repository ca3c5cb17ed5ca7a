"""What the machine allows at most: each thing that a question or a document needs, by itself and nothing around it."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks import corpus
from benchmarks.figures import Figure, median
from benchmarks.profile.inside import Inside
from samespace.core.content import of_texts
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import STARTER

_TIMES = 30
_WARM = 3
_DIM = 384
_TOP = 10
_ROWS = (1000, 10_000, 100_000)
_SIDE = 2048
_LINES = 64


def limits(here: Inside, folder: Path) -> Iterator[Figure]:
    """Medians of 30 tries each; the folder is on the disk of the data."""
    yield from _disk(folder)
    yield from _encoder(here)
    for rows in _ROWS:
        yield Figure(f"{rows:,} rows times a vector, the ten best", _search(rows), "ms")
    yield Figure(
        "list of the collections over a kept connection", _ms(here.client.collections), "ms"
    )
    yield Figure("2,048 x 2,048 float32 in numpy", _multiplied(), "GFLOP/s")


def _disk(folder: Path) -> Iterator[Figure]:
    numbers = count()

    def write() -> None:
        with (folder / f"limit-{next(numbers)}").open("wb") as file:
            file.write(b"x" * 100)
            file.flush()
            os.fsync(file.fileno())

    yield Figure("file of 100 bytes written and synced", _ms(write), "ms")
    with closing(sqlite3.connect(folder / "limit.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE limits (value INTEGER)")
        insert = "INSERT INTO limits VALUES (1)"
        yield Figure(
            "row committed by SQLite and synced", _ms(lambda: connection.execute(insert)), "ms"
        )


def _encoder(here: Inside) -> Iterator[Figure]:
    encoder = load_encoder(STARTER, here.settings)
    questions = corpus.questions(seed=4)
    lines = sorted(corpus.lines(_LINES, seed=4), key=len)
    one = _ms(lambda: encoder.encode(of_texts([next(questions)])))
    many = _ms(lambda: encoder.encode(of_texts(lines)), times=5)
    yield Figure("one question, encoder alone", one, "ms")
    yield Figure(f"{_LINES} short lines at once, for each of them", many / _LINES, "ms")


def _search(rows: int) -> float:
    generator = np.random.default_rng(0)
    matrix = generator.standard_normal((rows, _DIM), np.float32)
    vector = generator.standard_normal(_DIM, np.float32)

    def search() -> None:
        scores = matrix @ vector
        best = np.argpartition(-scores, _TOP)[:_TOP]
        best[np.argsort(-scores[best])]

    return _ms(search)


def _multiplied() -> float:
    matrix = np.random.default_rng(0).standard_normal((_SIDE, _SIDE), np.float32)
    return 2 * _SIDE**3 / 1e6 / _ms(lambda: matrix @ matrix, times=5)


def _ms(work: Callable[[], object], times: int = _TIMES) -> float:
    for _ in range(_WARM):
        work()
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - started))
    return median(took)
