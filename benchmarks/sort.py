"""How long a collection takes to be sorted into classes, and to be sorted again when a name is changed.

`python -m benchmarks.sort` fills a stack of its own, then prints medians over some rounds in seconds, from the
request to the result. Each round begins with a document more, so that its first sort reads the collection anew.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks import corpus
from samespace.client import Client, Source
from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack

COLLECTION = "library"
console = Console()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000, help="passages that are sorted")
    parser.add_argument("--rounds", type=int, default=3, help="how often both are measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samespace-sort-") as name:
        settings = Settings(data=Path(name) / "data", port=0)
        with (
            Stack(settings, report=console.print) as stack,
            Client(stack.url, timeout=600, patience=3600) as client,
        ):
            _fill(client, options.items)
            rounds = [_round(client, number) for number in range(options.rounds)]
    for what, seconds in zip(
        ("first sort", "changed name"), zip(*rounds, strict=True), strict=True
    ):
        each = ", ".join(f"{one:.2f}" for one in seconds)
        console.print(f"{what}: {statistics.median(seconds):.2f} s ({each})")


def _fill(client: Client, items: int) -> None:
    client.create_collection(COLLECTION)
    texts = corpus.documents(items)
    added = client.add(COLLECTION, (Source(text, name=f"{n}.txt") for n, text in enumerate(texts)))
    client.wait(*added["job_ids"])
    console.print(f"{client.collection(COLLECTION)['items']} items")


def _round(client: Client, number: int) -> tuple[float, float]:
    """Seconds of the first sort of a collection that has changed, and of one with one name changed."""
    added = client.add(COLLECTION, [Source(f"Round {number}.", name=f"round {number}.txt")])
    client.wait(*added["job_ids"])
    names = [f"{each} {number}" for each in ("animal", "vehicle", "building", "plant")]
    return _seconds(client, names), _seconds(client, [*names[:-1], f"food {number}"])


def _seconds(client: Client, names: list[str]) -> float:
    started = time.perf_counter()
    [job] = client.wait(client.classify_collection(COLLECTION, names, best=6))
    seconds = time.perf_counter() - started
    assert job["state"] == "ready", job["reason"]
    return seconds


if __name__ == "__main__":
    main()
