"""`make bench`: the stack as `samespace up` runs it, measured scenario by scenario; figures go to bench.json.

`python -m benchmarks.run --only questions --rows 1000 100000` chooses; without, all but `upload` and `workers` are run
at 1,000 and 10,000 rows, within a quarter of an hour on 2 cores. docs/performance.md says what each figure means.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure, as_json, machine, machine_line, table_of
from benchmarks.scenarios import bounds, change, ingest, life, pace, questions
from benchmarks.scenarios.bench import Bench, console, running

# In the order in which they are run: what leaves much behind comes after what must not be disturbed by it.
SCENARIOS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "accept": ingest.accept,
    "ingest": ingest.measure,
    "pace": pace.measure,
    "questions": questions.measure,
    "change": change.measure,
    "start": life.start,
    "idle": life.idle,
    "memory": life.memory,
    "upload": bounds.upload,
    "workers": bounds.workers,
}
USUAL = tuple(name for name in SCENARIOS if name not in {"upload", "workers"})


def main() -> None:
    """Measure, print a table, write bench.json."""
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    about = machine()
    console.print(machine_line(about))
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="samespace-bench-") as folder:
        for figure in _measure(Path(folder), options):
            figures.append(figure)
            _write(options.out, about, options, figures)
    console.print(machine_line(about), table_of(figures))


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """What is to be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add(
        "--only",
        nargs="+",
        choices=SCENARIOS,
        default=USUAL,
        metavar="SCENARIO",
        help=" ".join(SCENARIOS),
    )
    add("--rows", nargs="+", type=int, default=[1000, 10_000], help="rows of the collections asked")
    add("--questions", type=int, default=40, help="questions of one client, twice as many settled")
    add(
        "--seconds",
        type=float,
        default=6,
        help="for how long 1 and 8 clients ask; twice that beside ingest",
    )
    add("--rest", type=float, default=15, help="seconds of rest until it is settled")
    add("--small", type=int, default=3000, help="short lines, each a document")
    add("--passages", type=int, default=600, help="passages of about 800 characters")
    add("--pictures", type=int, default=200, help="pictures of 640 x 480")
    add("--accept", type=int, default=1000, help="documents that are only accepted")
    add(
        "--pace",
        type=int,
        default=4000,
        help="documents of which the first tenth is compared with the last",
    )
    add("--idle", type=float, default=60, help="seconds of idleness")
    add("--upload-mb", type=int, default=1024, help="MB that are uploaded")
    add("--threads", type=int, help="CPU threads of an encoder; as it comes without")
    add("--out", type=Path, default=Path("bench.json"), help="where the figures go")
    return parser.parse_args(arguments)


def _measure(folder: Path, options: argparse.Namespace) -> Iterator[Figure]:
    threads = {"threads": options.threads} if options.threads else {}
    with running(
        folder / "stack", options, max_queue=1_000_000, queue_share=1.0, **threads
    ) as bench:
        for name, measure in SCENARIOS.items():
            if name in options.only:
                yield from measure(bench)


def _write(
    out: Path, about: dict[str, object], options: argparse.Namespace, figures: Sequence[Figure]
) -> None:
    """After each figure: a run that is cut short has told what it knew."""
    asked = {key: value for key, value in vars(options).items() if key != "out"}
    told = {"machine": about, "options": asked, "figures": as_json(figures)}
    out.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
