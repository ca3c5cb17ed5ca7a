"""`make profile`: where each millisecond of a question and of a small document goes, and what the machine allows.

API and worker run in this process, index and queue beside it as under `samespace up`. They take turns: what overlaps in
the stack stands here one after the other, so that the sum of a document is more than its share of a busy stack's time.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import corpus
from benchmarks.figures import machine, machine_line, median, ratio, shown, table_of
from benchmarks.profile.inside import Inside, inside
from benchmarks.profile.limits import limits
from benchmarks.profile.stages import ACCEPT, QUESTION, WORK
from benchmarks.profile.watch import Stage, watching
from benchmarks.scenarios.asking import some
from benchmarks.scenarios.fill import embedded, fingerprint_of, know, noisy
from samespace.client import Client, Source
from workers.work import ingest

COLLECTION = "profile"
_BASES = 64
_WARM = 5
_BATCH = 64
REST = "between the stages: HTTP, client, threads"
console = Console()


def main() -> None:
    """Print a table for each."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="samespace-profile-") as folder,
        inside(Path(folder)) as here,
    ):
        here.client.create_collection(COLLECTION)
        for warm in ("warm", "up"):
            here.client.add(COLLECTION, [Source(warm)])
            _work(here)
        accepted = list(_accepting(here, corpus.lines(options.documents, seed=1)))
        worked = list(_working(here))
        console.print(machine_line(machine()))
        _print("a small document, accepted", ACCEPT, accepted)
        _print("a small document, worked on", WORK, worked)
        for rows in options.rows:
            _fill(here, rows)
            asked = list(_asking(here.client, options.questions, seed=rows))
            there = here.client.collection(COLLECTION)["items"] or 0
            _print(f"a question at {there:,} rows, settled", QUESTION, asked)
        console.print(table_of(limits(here, Path(folder)), "the machine's limits"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=640, help="documents of one short line")
    parser.add_argument("--questions", type=int, default=100, help="questions, each by itself")
    parser.add_argument("--rows", nargs="+", type=int, default=[1000, 10_000], help="rows asked")
    return parser.parse_args()


def _accepting(here: Inside, lines: Sequence[str]) -> Iterator[dict[str, float]]:
    """Milliseconds of each stage for one document, of each request."""
    with watching(ACCEPT) as watch:
        for start in range(0, len(lines), _BATCH):
            batch = lines[start : start + _BATCH]
            watch.lap()
            began = time.perf_counter()
            here.client.add(COLLECTION, [Source(line) for line in batch])
            yield _with_rest(watch.lap(), time.perf_counter() - began, len(batch))


def _working(here: Inside) -> Iterator[dict[str, float]]:
    """Milliseconds of each stage for one document, of each task."""
    with watching(WORK) as watch:
        while waiting := _waiting(here):
            watch.lap()
            began = time.perf_counter()
            ingest(here.process)
            seconds = time.perf_counter() - began
            done = waiting - _waiting(here)
            assert done, "a task took no document"
            yield _with_rest(watch.lap(), seconds, done)


def _asking(client: Client, count: int, seed: int) -> Iterator[dict[str, float]]:
    """Milliseconds of each stage of each question."""
    questions = corpus.questions(seed=seed)
    for question in some(questions, _WARM):
        client.search(COLLECTION, question)
    with watching(QUESTION) as watch:
        for question in some(questions, count):
            watch.lap()
            began = time.perf_counter()
            client.search(COLLECTION, question)
            yield _with_rest(watch.lap(), time.perf_counter() - began, 1)


def _with_rest(seconds: Mapping[str, float], whole: float, number: int) -> dict[str, float]:
    """Milliseconds for one of so many, with what no stage took."""
    rest = whole - sum(seconds.values())
    return {label: 1000 * each / number for label, each in {**seconds, REST: rest}.items()}


def _fill(here: Inside, rows: int) -> None:
    """Short lines until there are so many rows, their vectors in the cache; then a rest."""
    there = here.client.collection(COLLECTION)["documents"]["ready"]
    if rows <= there:
        return
    console.print(f"filling up to {rows:,} rows")
    texts = corpus.lines(rows - there, seed=rows)
    bases = embedded(texts[:_BASES], here.client)
    near = noisy(bases[[number % len(bases) for number in range(len(texts))]], seed=rows)
    fingerprint = fingerprint_of(COLLECTION, here.client)
    know(texts, near, fingerprint, here.settings.data)
    here.client.add(COLLECTION, [Source(text) for text in texts])
    _work(here)


def _work(here: Inside) -> None:
    while _waiting(here):
        ingest(here.process)


def _waiting(here: Inside) -> int:
    return here.client.collection(COLLECTION)["documents"]["queued"]


def _print(what: str, stages: Sequence[Stage], laps: Sequence[Mapping[str, float]]) -> None:
    """Medians of each stage, and its share of their sum."""
    labels = [*dict.fromkeys(stage.label for stage in stages), REST]
    medians = {label: median([lap.get(label, 0.0) for lap in laps]) for label in labels}
    whole = sum(medians.values())
    table = Table(what)
    for name in ("ms", "share"):
        table.add_column(name, justify="right")
    for label, ms in medians.items():
        table.add_row(label, shown(ms), f"{ratio(ms, whole):.0%}")
    table.add_section()
    table.add_row("together", shown(whole), "")
    console.print(table)


if __name__ == "__main__":
    main()
