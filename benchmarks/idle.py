"""`python -m benchmarks.idle`: what a stack that nobody uses costs: processor time and memory of each process."""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack

MB = 1024 * 1024
PARTS = ("index", "valkey", "api", "worker")
console = Console()


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: seconds of processor time, how often it woke, its resident memory in MB."""

    name: str
    seconds: float
    wakes: int
    memory_mb: float


def main() -> None:
    """Measure, print a table, and the figures as JSON where asked."""
    options = _options()
    with _process(options) as process:
        time.sleep(options.settle)
        costs = measure(process, options.seconds)
    if options.json:
        print(json.dumps([vars_of(cost) for cost in costs], indent=2))
    else:
        _print(costs, options.seconds)


def measure(process: psutil.Process, seconds: float) -> list[Cost]:
    """What this process and each below it costs while so many seconds go by."""
    family = [process, *process.children(recursive=True)]
    before = [_spent(each) for each in family]
    time.sleep(seconds)
    return [_cost(each, then) for each, then in zip(family, before, strict=True)]


def share(costs: list[Cost], seconds: float) -> float:
    """The share of one core that all of them took together."""
    return sum(cost.seconds for cost in costs) / seconds


def vars_of(cost: Cost) -> dict[str, object]:
    """The figures by their names."""
    return {name: getattr(cost, name) for name in Cost.__slots__}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long is measured")
    parser.add_argument("--settle", type=float, default=30, help="how long is waited before")
    parser.add_argument("--pid", type=int, help="a `samespace up` that runs, instead of one's own")
    parser.add_argument("--data", type=Path, help="the data folder of one's own; else a new one")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


@contextmanager
def _process(options: argparse.Namespace) -> Iterator[psutil.Process]:
    """The process to look at: the one that was named, or this one with a stack of its own."""
    if options.pid is not None:
        yield psutil.Process(options.pid)
        return
    with tempfile.TemporaryDirectory(prefix="samespace-bench-") as name:
        settings = Settings(data=options.data or Path(name) / "data", port=0)
        began = time.perf_counter()
        with Stack(settings, report=console.print):
            console.print(f"ready after {time.perf_counter() - began:.1f} s")
            yield psutil.Process()
            began = time.perf_counter()
        console.print(f"stopped after {time.perf_counter() - began:.1f} s")


def _spent(process: psutil.Process) -> tuple[float, int]:
    times = process.cpu_times()
    wakes = 0
    for task in Path(f"/proc/{process.pid}/task").glob("*/status"):
        fields = dict(line.split(":", 1) for line in task.read_text().splitlines())
        wakes += int(fields["voluntary_ctxt_switches"])
    return times.user + times.system, wakes


def _cost(process: psutil.Process, before: tuple[float, int]) -> Cost:
    spent, wakes = _spent(process)
    memory = process.memory_info().rss / MB
    return Cost(_name(process), spent - before[0], wakes - before[1], memory)


def _name(process: psutil.Process) -> str:
    """Which part of the stack it is, as far as its command line says."""
    words = process.cmdline()
    if "samespace.operations.stack.child" in words:
        return next((word for word in words if word in PARTS), words[-1])
    return next((Path(word).name for word in words if "valkey" in word), "up")


def _print(costs: list[Cost], seconds: float) -> None:
    table = Table("process", "processor s", "% of a core", "wakes/s", "memory MB")
    for cost in costs:
        table.add_row(
            cost.name,
            f"{cost.seconds:.2f}",
            f"{100 * cost.seconds / seconds:.2f}",
            f"{cost.wakes / seconds:.1f}",
            f"{cost.memory_mb:.0f}",
        )
    console.print(table)
    console.print(f"together {100 * share(costs, seconds):.2f}% of a core")


if __name__ == "__main__":
    main()
