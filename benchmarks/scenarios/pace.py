"""Pace: many small documents come in, the first tenth against the last; their vectors are in the cache beforehand."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks import corpus
from benchmarks.figures import Figure, pace_of, ratio
from benchmarks.scenarios.bench import Bench, console
from benchmarks.scenarios.fill import add, embedded, fingerprint_of, know, noisy

_BASES = 64
_AT_ONCE = 5000
_LOOKS_EVERY = 0.5


def measure(bench: Bench) -> Iterator[Figure]:
    """Documents a second of the first and the last tenth; what encoding takes is left out of it."""
    count = bench.options.pace
    console.print(f"pace of {count:,} small documents")
    name = bench.collection("pace")
    texts = corpus.lines(count, seed=2)
    _know(texts, name, bench)
    moments = _ready(texts, name, bench)
    first, last = pace_of(moments, 0, count // 10), pace_of(moments, count - count // 10, count)
    yield Figure(f"pace/{count:,} small documents", pace_of(moments, 0, count), "documents/s")
    yield Figure("pace/first tenth", first, "documents/s")
    yield Figure("pace/last tenth", last, "documents/s")
    yield Figure("pace/last to first tenth", ratio(last, first), "times", ">= 0.9")


def _know(texts: list[str], name: str, bench: Bench) -> None:
    bases = embedded(texts[:_BASES], bench.client)
    fingerprint = fingerprint_of(name, bench.client)
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        near = bases[np.arange(start, start + len(some)) % _BASES]
        know(some, noisy(near, seed=start), fingerprint, bench.stack.data)


def _ready(texts: list[str], name: str, bench: Bench) -> list[tuple[float, int]]:
    """How many were ready at which second, from the first upload to the last ready document."""
    before = bench.client.collection(name)["documents"]["ready"]
    started, moments = time.perf_counter(), [(0.0, 0)]
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add, name, texts, bench.client)
        while moments[-1][1] < len(texts):
            time.sleep(_LOOKS_EVERY)
            if adding.done():
                adding.result()
            ready = bench.client.collection(name)["documents"]["ready"] - before
            moments.append((time.perf_counter() - started, ready))
    return moments
