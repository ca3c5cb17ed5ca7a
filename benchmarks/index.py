"""The embedded index alone: `python -m benchmarks.index --rows 1000 10000 100000` prints a table for each size.

Random unit rows of 384 dimensions with metadata; asked for the 200 nearest with key, score and three columns, right
after they were written and after a restart; by one client and by eight processes. Trust the ratios: others may use
the machine, so each figure has the processor time of the server beside it.
"""

import argparse
import hashlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from samespace.core.errors import Unavailable
from samespace.core.types import TEXT, Item, Place, Row, Vectors
from samespace.store.expressions import compile_filter, literal, one_of
from samespace.store.filters import parse_filter
from samespace.store.index_milvus import MilvusIndex

DIM = 384
BATCH = 250
LIMIT = 200
COLUMNS = ["document", "modality", "generation"]
NAME = "measured"
CLIENTS = 8
console = Console()


def main() -> int:
    """Measure each size in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=40, help="how often each is asked")
    parser.add_argument("--seconds", type=float, default=8, help="how long eight clients ask")
    options = parser.parse_args()
    for rows in options.rows:
        with tempfile.TemporaryDirectory(prefix="samespace-index-") as folder:
            _measure(Path(folder), rows, options)
    return 0


def _measure(folder: Path, rows: int, options: argparse.Namespace) -> None:
    table = Table("", "median ms", "p95 ms", "server's processor ms", title=f"{rows:,} rows")
    notes = []
    with _served(folder) as (index, server):
        notes.append(_write(index, rows))
        for what, where in _filters(rows).items():
            _time(_asking(index, where), server, f"{what}, just written", options, table)
        notes.append(_memory(server, "just written"))
    started = time.perf_counter()
    with _served(folder) as (index, server):
        _ask(index, _question(0), _filters(rows)["all"])
        notes.append(f"start to first answer {time.perf_counter() - started:.1f} s")
        for what, where in _filters(rows).items():
            _time(_asking(index, where), server, f"{what}, settled", options, table)
        for what, call in _others(index).items():
            _time(call, server, what, options, table)
        notes.append(_ask_together(index, options.seconds))
        notes.append(_memory(server, "settled"))
    console.print(table)
    console.print("; ".join(notes))


@contextmanager
def _served(folder: Path) -> Iterator[tuple[MilvusIndex, psutil.Process]]:
    port = _free_port()
    command = [sys.executable, "-m", "samespace.store.lite_server"]
    process = subprocess.Popen([*command, "--data-dir", str(folder), "--port", str(port)])
    index = MilvusIndex(f"http://127.0.0.1:{port}")
    try:
        _wait_for(index, process)
        yield index, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(index: MilvusIndex, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            return index.ping()
        except Unavailable:
            time.sleep(0.05)
    raise SystemExit("the index did not start")


def _write(index: MilvusIndex, rows: int) -> str:
    index.create(NAME, DIM)
    seconds = []
    for first in range(0, rows, BATCH):
        numbers = range(first, min(rows, first + BATCH))
        some, vectors = [_row(number) for number in numbers], _unit(len(numbers), first)
        started = time.perf_counter()
        index.upsert(NAME, some, vectors)
        seconds.append((time.perf_counter() - started) / len(numbers))
    tenth = max(1, len(seconds) // 10)
    first_pace, last_pace = (
        1 / statistics.mean(part) for part in (seconds[:tenth], seconds[-tenth:])
    )
    return (
        f"written at {1 / statistics.mean(seconds):,.0f} rows/s,"
        f" first tenth {first_pace:,.0f}, last {last_pace:,.0f}"
    )


def _row(number: int) -> Row:
    key = hashlib.sha256(str(number).encode()).hexdigest()[:32]
    item = Item(key, f"document-{number}", TEXT, 0, key, f"passage {number}", Place())
    metadata = {"tenth": number % 10, "hundredth": f"word {number % 100}", "number": number}
    return Row(item, 1, "text/plain", metadata)


def _unit(count: int, seed: int) -> Vectors:
    random = np.random.default_rng(seed).normal(size=(count, DIM))
    return np.asarray(random / np.linalg.norm(random, axis=1, keepdims=True), np.float32)


def _question(seed: int) -> Vectors:
    return _unit(1, 10**9 + seed)


def _filters(rows: int) -> dict[str, str]:
    texts = f"modality == {literal(TEXT)}"
    some = one_of("document", [f"document-{number}" for number in range(0, min(rows, 50_000), 100)])
    return {
        "all": texts,
        "10% by a number": _both(texts, {"tenth": 3}),
        "1% by a text": _both(texts, {"hundredth": "word 7"}),
        "a list of documents": f"{texts} and {some}",
    }


def _both(texts: str, where: Mapping[str, Any]) -> str:
    return f"{texts} and {compile_filter(parse_filter(where))}"


def _others(index: MilvusIndex) -> dict[str, Any]:
    return {
        "count": lambda: index.count(NAME),
        "count of a modality": lambda: index.count(NAME, modality=TEXT),
        "500 rows by key": lambda: index.get(
            NAME, [_row(number).item.key for number in range(500)]
        ),
        "first 1,000 rows by key": lambda: next(index.scan(NAME)),
        "sample of 1,000": lambda: index.sample(NAME, TEXT, 1000),
    }


def _ask(index: MilvusIndex, question: Vectors, where: str) -> Any:
    return index._client().search(
        NAME,
        question,
        filter=where,
        limit=LIMIT,
        output_fields=COLUMNS,
        search_params={"metric_type": "IP"},
        timeout=60,
    )


def _asking(index: MilvusIndex, where: str) -> Callable[[], object]:
    questions = count()
    return lambda: _ask(index, _question(next(questions)), where)


def _time(
    call: Callable[[], object],
    server: psutil.Process,
    what: str,
    options: argparse.Namespace,
    table: Table,
) -> None:
    call()
    used = _processor(server)
    taken = []
    for _ in range(options.questions):
        started = time.perf_counter()
        call()
        taken.append((time.perf_counter() - started) * 1000)
    each = (_processor(server) - used) * 1000 / options.questions
    p95 = statistics.quantiles(taken, n=20)[-1]
    table.add_row(what, f"{statistics.median(taken):.1f}", f"{p95:.1f}", f"{each:.1f}")


def _processor(server: psutil.Process) -> float:
    times = server.cpu_times()
    return times.user + times.system


def _ask_together(index: MilvusIndex, seconds: float) -> str:
    """Processes of their own, which begin when all are there."""
    context = get_context("spawn")
    barrier, counts = context.Barrier(CLIENTS), context.Queue()
    clients = [
        context.Process(target=_ask_for, args=(index._uri, seconds, seed, barrier, counts))
        for seed in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    asked = sum(counts.get() for _ in clients)
    for client in clients:
        client.join()
    return f"{CLIENTS} clients {asked / seconds:.0f} questions/s"


def _ask_for(uri: str, seconds: float, seed: int, barrier: Any, counts: Any) -> None:
    index = MilvusIndex(uri)
    questions = [_question(seed * 1000 + number) for number in range(50)]
    _ask(index, questions[0], _filters(1)["all"])
    barrier.wait()
    asked, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        _ask(index, questions[asked % 50], _filters(1)["all"])
        asked += 1
    counts.put(asked)


def _memory(server: psutil.Process, when: str) -> str:
    status = Path(f"/proc/{server.pid}/status").read_text()
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return f"{when} {server.memory_info().rss >> 20:,} MB (peak {int(peak) >> 10:,})"


if __name__ == "__main__":
    sys.exit(main())
