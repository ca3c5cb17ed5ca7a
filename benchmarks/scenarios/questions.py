"""Questions: right after ingest, settled, asked again, under filters, of 1 and 8 clients, beside a bulk ingest."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks import corpus
from benchmarks.figures import Figure, median, quantile, ratio
from benchmarks.scenarios.asking import Asked, ask, ask_for, some
from benchmarks.scenarios.bench import Bench, console
from benchmarks.scenarios.fill import PARTS
from samespace.client import Client, Source

_WARM = 5
_MANY = 8
_ANSWERING = ("api", "index")
_FILTERS = (100, 10, 1)
_BULK_DOCUMENTS = 64
_BULK_TIMEOUT = 600.0


def measure(bench: Bench) -> Iterator[Figure]:
    """All of it at each number of rows."""
    for rows in bench.options.rows:
        yield from _at(rows, bench)


def _at(rows: int, bench: Bench) -> Iterator[Figure]:
    name, questions = bench.filled(rows), corpus.questions(seed=rows)
    console.print(f"questions at {rows:,} rows")
    path, count, client = f"questions/{rows:,} rows", bench.options.questions, bench.client
    right_after = ask(client, name, some(questions, count))
    time.sleep(bench.options.rest)
    ask(client, name, some(questions, _WARM))
    settled_questions = some(questions, 2 * count)
    settled = ask(client, name, settled_questions)
    yield Figure(f"{path}/there", client.collection(name)["items"] or 0, "rows")
    yield from _times(f"{path}/settled", settled, aim="<= 30" if rows > 10_000 else "<= 15")
    yield from _times(f"{path}/right after", right_after)
    yield Figure(
        f"{path}/right after to settled, p50",
        _times_as_long(right_after, settled),
        "times",
        "<= 1.3",
    )
    yield from _parts(path, settled)
    again = ask(client, name, settled_questions[:count])
    yield Figure(f"{path}/asked again p50", median([one.ms for one in again]), "ms")
    yield from _filtered(path, name, questions, bench)
    yield from _many(path, name, questions, bench, is_large=rows > 10_000)
    yield from _beside(path, name, questions, bench)


def _times(path: str, asked: Sequence[Asked], aim: str = "") -> Iterator[Figure]:
    ms = [one.ms for one in asked]
    yield Figure(f"{path} p50", quantile(ms, 50), "ms", aim)
    yield Figure(f"{path} p95", quantile(ms, 95), "ms")


def _times_as_long(asked: Sequence[Asked], base: Sequence[Asked]) -> float:
    return ratio(median([one.ms for one in asked]), median([one.ms for one in base]))


def _parts(path: str, asked: Sequence[Asked]) -> Iterator[Figure]:
    yield Figure(f"{path}/of these encoder p50", median([one.encode_ms for one in asked]), "ms")
    yield Figure(f"{path}/of these index p50", median([one.index_ms for one in asked]), "ms")
    beyond = median([one.beyond_ms for one in asked])
    yield Figure(f"{path}/of these beyond both p50", beyond, "ms", "<= 3")


def _filtered(path: str, name: str, questions: Iterator[str], bench: Bench) -> Iterator[Figure]:
    for percent in _FILTERS:
        where = {"part": {"lt": percent * PARTS // 100}}
        ask(bench.client, name, some(questions, _WARM), where)
        asked = ask(bench.client, name, some(questions, bench.options.questions), where)
        _check_filter(asked, percent)
        yield Figure(f"{path}/filter of {percent}% p50", median([one.ms for one in asked]), "ms")


def _check_filter(asked: Sequence[Asked], percent: int) -> None:
    parts = [hit["metadata"]["part"] for one in asked for hit in one.answer["hits"]]
    assert parts, "a filter that takes some of the rows left none"
    assert max(parts) < percent * PARTS // 100, "a hit does not fit the filter"


def _many(
    path: str, name: str, questions: Iterator[str], bench: Bench, *, is_large: bool
) -> Iterator[Figure]:
    for clients in (1, _MANY):
        before = {part: bench.processor_seconds(part) for part in _ANSWERING}
        asked, pace = ask_for(bench.options.seconds, clients, bench.stack.url, name, questions)
        path_of = f"{path}/{clients} client{'s' if clients > 1 else ''}"
        yield from _times(path_of, asked)
        for part, seconds in before.items():
            used = 1000 * (bench.processor_seconds(part) - seconds) / len(asked)
            yield Figure(f"{path_of}/processor of {part} a question", used, "ms")
        aim = ">= 100" if is_large and clients > 1 else ""
        yield Figure(f"{path_of} together", pace, "answers/s", aim)


def _beside(path: str, name: str, questions: Iterator[str], bench: Bench) -> Iterator[Figure]:
    """Alone and beside a bulk ingest into the same collection, one right after the other."""
    seconds, url = bench.options.seconds, bench.stack.url
    alone, _ = ask_for(seconds, 1, url, name, questions)
    with _bulk(name, bench):
        beside, _ = ask_for(2 * seconds, 1, url, name, questions)
    yield from _times(f"{path}/beside ingest", beside)
    p95 = ratio(quantile([one.ms for one in beside], 95), quantile([one.ms for one in alone], 95))
    yield Figure(f"{path}/beside ingest to alone, p95", p95, "times", "<= 2")
    yield Figure(f"{path}/beside ingest to alone, p50", _times_as_long(beside, alone), "times")


@contextmanager
def _bulk(name: str, bench: Bench) -> Iterator[None]:
    """Passages come in as fast as they are taken while the block runs; what is left then is called off."""
    done = threading.Event()
    jobs: list[str] = []

    def upload() -> None:
        with Client(bench.stack.url, timeout=_BULK_TIMEOUT, patience=_BULK_TIMEOUT) as client:
            seed = len(name) * 1_000_003
            while not done.is_set():
                seed += 1
                texts = corpus.passages(_BULK_DOCUMENTS, seed=seed)
                added = client.add(name, [Source(text, metadata={"part": PARTS}) for text in texts])
                jobs.extend(added["job_ids"])

    with ThreadPoolExecutor(1) as pool:
        uploading = pool.submit(upload)
        try:
            _wait_for_work(bench)
            yield
        finally:
            done.set()
            uploading.result()
            for job in jobs:
                bench.client.cancel_job(job)
            bench.client.wait(*jobs)


def _wait_for_work(bench: Bench, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not bench.client.status()["documents"].get("processing"):
        assert time.monotonic() < until, "the worker begins nothing"
        time.sleep(0.05)
