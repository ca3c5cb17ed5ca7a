"""`python -m benchmarks.accept`: what it takes to accept small documents, in milliseconds each, at the API's door.

Wall time is that of the requests; processor time is that of the API's process, and for the client's ways also that of
the client. Each way of sending has a collection of its own. By itself no worker runs; with `--worker` one works on
what was accepted, as it does in real life.
"""

import argparse
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import corpus
from samespace.client import Client, Source
from samespace.core.settings import Settings
from samespace.operations.stack.program import Program
from samespace.operations.stack.stack import Stack

GROUPS = (1, 10, 100, 500)
_SINGLE = 200
"""So many documents are enough where each is a request of its own."""
_WORDS = 12
console = Console()


class Doors(Stack):
    """The stack without anybody who works on what was accepted."""

    def _workers(self) -> list[Program]:
        return []


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a document, in milliseconds."""

    wall: float
    median: float
    api: float
    client: float


def main() -> None:
    """Print a line for each way of sending."""
    options = _options()
    texts = short_texts(options.documents)
    table = Table("way", "ms each", "by the median request", "processor: API", "client")
    with tempfile.TemporaryDirectory(prefix="samespace-accept-") as name:
        settings = Settings(data=Path(name) / "data", port=0)
        kind = Stack if options.worker else Doors
        with (
            kind(settings, report=console.print) as stack,
            Client(stack.url, timeout=600) as client,
        ):
            folder = _files(Path(name) / "files", texts)
            for way, cost in _ways(stack, client, texts, folder):
                table.add_row(
                    way, *(f"{ms:.2f}" for ms in (cost.wall, cost.median, cost.api, cost.client))
                )
    console.print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000, help="for each way of sending")
    parser.add_argument("--worker", action="store_true", help="have a worker run meanwhile")
    return parser.parse_args()


def short_texts(count: int, seed: int = 0) -> list[str]:
    """So many lines of a dozen words, no two of them alike."""
    chance = random.Random(seed)
    vocabulary = corpus.words()
    return [f"{' '.join(chance.choices(vocabulary, k=_WORDS))} {n}." for n in range(count)]


def _files(folder: Path, texts: Sequence[str]) -> Path:
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number:05}.txt").write_text(text)
    return folder


def _ways(
    stack: Stack, client: Client, texts: Sequence[str], folder: Path
) -> Iterator[tuple[str, Cost]]:
    api = psutil.Process(int((stack.settings.data / "run" / "api.pid").read_text().split()[0]))
    with httpx.Client(base_url=stack.url, timeout=600) as http:
        for size in GROUPS:
            some = texts if size > 1 else texts[:_SINGLE]
            groups = _slices(some, size)
            yield f"JSON, {size}", _cost(api, client, f"json-{size}", _posts(http, groups, _json))
            yield f"form, {size}", _cost(api, client, f"form-{size}", _posts(http, groups, _form))
    ways = {
        "client, texts": _adds(client, [Source(text) for text in texts]),
        "client, files": _adds(client, sorted(folder.iterdir())),
        "samespace add": _command(stack.url, folder, len(texts)),
    }
    for way, send in ways.items():
        yield way, _cost(api, client, re.sub("[^a-z]+", "-", way), send)


Sends = Callable[[str], Iterator[int]]
"""Sends what there is to a collection, a request each time; says how many documents each had."""


def _slices(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def _posts(
    http: httpx.Client,
    groups: Sequence[Sequence[str]],
    arguments: Callable[[Sequence[str]], dict[str, Any]],
) -> Sends:
    def send(collection: str) -> Iterator[int]:
        for texts in groups:
            answer = http.post(f"/v1/collections/{collection}/documents", **arguments(texts))
            answer.raise_for_status()
            assert not any("error" in each for each in answer.json()["documents"])
            yield len(texts)

    return send


def _json(texts: Sequence[str]) -> dict[str, Any]:
    return {"json": {"documents": [{"text": text} for text in texts]}}


def _form(texts: Sequence[str]) -> dict[str, Any]:
    return {"files": [("file", (f"{n}.txt", text.encode())) for n, text in enumerate(texts)]}


def _adds(client: Client, sources: Sequence[Source | Path]) -> Sends:
    def send(collection: str) -> Iterator[int]:
        for upload in client.add_in_batches(collection, sources):
            yield len(upload["documents"])

    return send


def _command(url: str, folder: Path, count: int) -> Sends:
    """From the start of the command to its end."""

    def send(collection: str) -> Iterator[int]:
        line = [sys.executable, "-m", "samespace.cli.main", "add", str(folder), "-c", collection]
        environment = os.environ | {"SAMESPACE_URL": url}
        subprocess.run([*line, "--no-wait"], check=True, env=environment, capture_output=True)
        yield count

    return send


def _cost(api: psutil.Process, client: Client, collection: str, send: Sends) -> Cost:
    client.create_collection(collection)
    times: list[float] = []
    documents = 0
    spent, own = sum(api.cpu_times()[:2]), _own_seconds()
    began = last = time.perf_counter()
    for count in send(collection):
        now = time.perf_counter()
        times.append((now - last) / count)
        documents, last = documents + count, now
    per_document = 1000 / documents
    return Cost(
        (last - began) * per_document,
        statistics.median(times) * 1000,
        (sum(api.cpu_times()[:2]) - spent) * per_document,
        (_own_seconds() - own) * per_document,
    )


def _own_seconds() -> float:
    """Processor time of this process and of the commands that it has run."""
    commands = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + commands.ru_utime + commands.ru_stime


if __name__ == "__main__":
    main()
