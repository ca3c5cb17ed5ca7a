"""`make load`: queries alone and during a bulk ingest, on a real stack, in one run; figures go to load.json.

Status 1 when the p95 of queries during a bulk ingest is more than 3 times that without, or when anything
but "busy" (429) went wrong.
"""

import argparse
import json
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import corpus
from benchmarks.load_clients import COLLECTION, Asked, Tally, ask, query_requests, shelf, upload
from samespace.client import Client, Source
from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack

MOST_TIMES = 3.0
BUSY = 429
_HEAD_START = 2.0
_PASSAGES_EACH = 3
_PREPARED_PER_SECOND = 60
console = Console()


def main() -> int:
    """Measure, print a table, write load.json."""
    options = _options()
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="samespace-load-") as name:
        figures = _measure(Path(name), options)
    options.out.write_text(json.dumps(figures, indent=2) + "\n")
    _print(figures)
    return 0 if figures["passed"] else 1


def _end(number: int, _: object) -> None:
    """Stop what was started, undisturbed: a stack that is cut off leaves processes behind."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8, help="clients that search")
    parser.add_argument("--uploaders", type=int, default=2, help="clients that upload")
    parser.add_argument("--seconds", type=float, default=30, help="length of each phase")
    parser.add_argument("--rounds", type=int, default=2, help="how often both phases are run")
    parser.add_argument("--documents", type=int, default=400, help="documents there beforehand")
    parser.add_argument("--pause", type=float, default=0.5, help="mean seconds between queries")
    parser.add_argument("--prepared", type=int, help="documents made ready for uploading")
    # Enough that the worker never waits, few enough to be done soon after.
    parser.add_argument("--queue", type=int, default=96, help="documents that may wait")
    parser.add_argument("--out", type=Path, default=Path("load.json"))
    return parser.parse_args()


def _measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    console.print("preparing documents")
    bulk = options.prepared or int(options.seconds * options.rounds * _PREPARED_PER_SECOND)
    sources = _prepared(folder, options.documents + bulk)
    settings = Settings(data=folder / "data", port=0, max_queue=options.queue, queue_share=1.0)
    with (
        Stack(settings, report=console.print) as stack,
        Client(stack.url, timeout=600, patience=3600) as client,
    ):
        console.print(f"ingesting {options.documents} documents")
        client.create_collection(COLLECTION)
        client.add(COLLECTION, [next(sources) for _ in range(options.documents)])
        _drain(client)
        load = _Load(stack.url, client, sources, sorted((folder / "pictures").iterdir())[:50])
        load.run_phase(options, seconds=3.0, is_bulk=False)  # cold starts are not what is measured
        rounds = [_round(load, number, options) for number in range(options.rounds)]
    return _figures(rounds, options)


def _prepared(folder: Path, number: int) -> Iterator[Source]:
    """Distinct documents, texts and pictures by turns, on disk so that the clients have no work with them."""
    (folder / "pictures").mkdir()
    half = (number + 1) // 2
    texts = corpus.documents(half * _PASSAGES_EACH, each=_PASSAGES_EACH)
    for place, picture in enumerate(corpus.pictures(half)):
        (folder / "pictures" / f"{place:05}.jpg").write_bytes(picture)
    return _Shared(
        source
        for place, text in enumerate(texts)
        for source in (
            Source(text, name=f"{place}.txt", metadata=shelf(place)),
            Source(folder / "pictures" / f"{place:05}.jpg", metadata=shelf(place)),
        )
    )


class _Shared(Iterator[Source]):
    """An iterator that several threads may take from."""

    def __init__(self, sources: Iterator[Source]) -> None:
        self._sources = sources
        self._lock = threading.Lock()

    def __next__(self) -> Source:
        with self._lock:
            return next(self._sources)


class _Load:
    """The clients, let loose on one stack for one phase after another."""

    def __init__(
        self, url: str, client: Client, sources: Iterator[Source], pictures: Sequence[Path]
    ) -> None:
        self._url = url
        self._client = client
        self._sources = sources
        self._pictures = pictures
        self._words = corpus.words()
        self._seeds = count()

    def run_phase(self, options: argparse.Namespace, seconds: float, *, is_bulk: bool) -> Tally:
        """Queries for so many seconds, with uploads beside them or not; the queue is empty afterwards."""
        tally, done = Tally(), threading.Event()
        with ThreadPoolExecutor(options.clients + options.uploaders) as pool, _setting(done):
            clients = [
                pool.submit(upload, self._url, self._sources, done, tally.uploads)
                for _ in range(options.uploaders if is_bulk else 0)
            ]
            time.sleep(_HEAD_START if is_bulk else 0)
            clients += [
                pool.submit(self._ask, options.pause, done, tally.queries)
                for _ in range(options.clients)
            ]
            time.sleep(seconds)
        for client in clients:
            client.result()
        _drain(self._client)
        return tally

    def _ask(self, pause: float, done: threading.Event, seen: list[Asked]) -> None:
        chance = random.Random(next(self._seeds))
        queries = query_requests(self._words, self._pictures, chance)
        ask(self._url, queries, lambda: chance.uniform(0, 2 * pause), done, seen)


@contextmanager
def _setting(event: threading.Event) -> Iterator[None]:
    """Set it at the end of the block, also where that is cut short."""
    try:
        yield
    finally:
        event.set()


def _round(load: _Load, number: int, options: argparse.Namespace) -> tuple[Tally, Tally]:
    console.print(f"round {number + 1}: queries alone")
    alone = load.run_phase(options, options.seconds, is_bulk=False)
    console.print(f"round {number + 1}: queries during a bulk ingest")
    return alone, load.run_phase(options, options.seconds, is_bulk=True)


def _drain(client: Client) -> None:
    """Until nothing waits and nothing is worked on."""
    while any(client.status()["documents"].get(state) for state in ("queued", "processing")):
        time.sleep(0.2)


def _figures(rounds: Sequence[tuple[Tally, Tally]], options: argparse.Namespace) -> dict[str, Any]:
    """Answers of all rounds together; a ratio for each round too, so that noise can be seen."""
    seconds = options.seconds * len(rounds)
    alone = [asked for before, _ in rounds for asked in before.queries]
    during = [asked for _, beside in rounds for asked in beside.queries]
    uploads = [asked for _, beside in rounds for asked in beside.uploads]
    ratio = _p95(during) / max(_p95(alone), 0.1)
    wrong = _errors(alone + during + uploads)
    return {
        "clients": options.clients,
        "uploaders": options.uploaders,
        "queries alone": _summary(alone, seconds),
        "queries during bulk": _summary(during, seconds),
        "uploads during bulk": _summary(uploads, seconds),
        "ratio of p95": round(ratio, 2),
        "ratio of p95 by round": [
            round(_p95(beside.queries) / max(_p95(before.queries), 0.1), 2)
            for before, beside in rounds
        ],
        "errors": wrong,
        "passed": ratio <= MOST_TIMES and not wrong,
    }


def _summary(asked: Sequence[Asked], seconds: float) -> dict[str, Any]:
    times = [one.seconds * 1000 for one in asked if _is_answered(one)]
    return {
        "p50_ms": _quantile(times, 50),
        "p95_ms": _quantile(times, 95),
        "p99_ms": _quantile(times, 99),
        "encode_p95_ms": _quantile([one.encode_ms for one in asked], 95),
        "index_p95_ms": _quantile([one.index_ms for one in asked], 95),
        "per_s": round(len(times) / seconds, 2),
        "busy": sum(one.status == BUSY for one in asked),
        "errors": _errors(asked),
        "p95_ms_by_kind": {
            kind: _p95([one for one in asked if one.kind == kind])
            for kind in sorted({one.kind for one in asked})
        },
    }


def _p95(asked: Sequence[Asked]) -> float:
    return _quantile([one.seconds * 1000 for one in asked if _is_answered(one)], 95)


def _quantile(values: Sequence[float], percent: int) -> float:
    """0 for none at all."""
    if len(values) < 2:
        return round(sum(values), 1)
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)


def _is_answered(one: Asked) -> bool:
    return 200 <= one.status < 300


def _errors(asked: Sequence[Asked]) -> dict[str, int]:
    """How often each status came that is neither an answer nor "busy"; 0 stands for no answer."""
    wrong = Counter(one.status for one in asked if not _is_answered(one) and one.status != BUSY)
    return {str(status): number for status, number in sorted(wrong.items())}


def _print(figures: dict[str, Any]) -> None:
    columns = (
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "encode_p95_ms",
        "index_p95_ms",
        "per_s",
        "busy",
        "errors",
    )
    table = Table("", *columns)
    for name in ("queries alone", "queries during bulk", "uploads during bulk"):
        table.add_row(name, *(str(figures[name][column]) for column in columns))
    console.print(table)
    verdict = "passed" if figures["passed"] else "MISSED"
    console.print(
        f"p95 during a bulk ingest is {figures['ratio of p95']} times that without "
        f"(by round: {figures['ratio of p95 by round']}), at most {MOST_TIMES} are allowed; "
        f"errors: {figures['errors'] or 'none'}: {verdict}"
    )


if __name__ == "__main__":
    sys.exit(main())
