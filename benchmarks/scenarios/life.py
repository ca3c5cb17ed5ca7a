"""The stack by itself: from nothing to its first answer, while nobody asks, what memory it holds, and its end."""

import time
from collections.abc import Iterator

from benchmarks import corpus
from benchmarks.figures import Figure, median
from benchmarks.scenarios.asking import ask, some
from benchmarks.scenarios.bench import PARTS, Bench, console, resident_mb
from benchmarks.scenarios.calm import wait_until_calm
from samespace.core.errors import SamespaceError

_LOOKS_EVERY = 0.02


def start(bench: Bench) -> Iterator[Figure]:
    """Stopping, starting, and the first answer over the largest of the collections asked for."""
    rows = max(bench.options.rows)
    name, questions = bench.filled(rows), corpus.questions(seed=3)
    console.print(f"starting with {rows:,} rows")
    stopping = time.perf_counter()
    bench.stack.stop()
    started = time.perf_counter()
    bench.stack.start()
    _first_answer(name, next(questions), bench)
    answered = time.perf_counter()
    yield Figure(f"start/{rows:,} rows, to the first answer", answered - started, "s", "<= 8")
    yield Figure("start/stopping", started - stopping, "s")
    asked = ask(bench.client, name, some(questions, bench.options.questions))
    yield Figure("start/questions after it p50", median([one.ms for one in asked]), "ms")


def _first_answer(name: str, question: str, bench: Bench) -> None:
    while bench.stack.processes():
        try:
            if bench.client.search(name, question)["hits"]:
                return
        except SamespaceError:
            time.sleep(_LOOKS_EVERY)
    raise RuntimeError(f"the stack ended while starting; see {bench.stack.output}")


def idle(bench: Bench) -> Iterator[Figure]:
    """Processor time of a stack that nobody asks, in percent of one core."""
    console.print(f"idle for {bench.options.idle:.0f} s")
    wait_until_calm(bench.stack)
    before, started = _used(bench), time.perf_counter()
    time.sleep(bench.options.idle)
    seconds, after = time.perf_counter() - started, _used(bench)
    for name, used in after.items():
        aim = "<= 1" if name == "stack" else ""
        share = 100 * (used - before.get(name, 0.0)) / seconds
        yield Figure(f"idle/{name}", share, "% of a core", aim)


def _used(bench: Bench) -> dict[str, float]:
    alone = {name: bench.processor_seconds(name) for name in PARTS}
    return {**alone, "stack": bench.processor_seconds()}


def memory(bench: Bench) -> Iterator[Figure]:
    """MB of each part by itself, and of all processes; pages that are shared count in each."""
    for name in PARTS:
        yield Figure(f"memory/{name}", resident_mb(bench.stack.part(name)), "MB")
    whole = sum(resident_mb(each) for each in bench.stack.processes())
    yield Figure("memory/stack", whole, "MB")
