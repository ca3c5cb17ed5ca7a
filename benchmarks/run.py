"""`make bench`: the whole path against the bare work on the same machine, in the same run; figures go to bench.json."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import corpus
from samespace.cli.stack import Stack
from samespace.client import Client, Source
from samespace.core.settings import Settings

MB = 1024 * 1024
console = Console()


def main() -> None:
    """Measure, print a table, write bench.json."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="samespace-bench-") as name:
        folder = Path(name)
        _write_corpus(folder, options)
        figures = _measure(folder, options)
    Path("bench.json").write_text(json.dumps(figures, indent=2) + "\n")
    _print(figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=5000)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--upload-mb", type=int, default=1024)
    return parser.parse_args()


def _write_corpus(folder: Path, options: argparse.Namespace) -> None:
    for kind in ("texts", "short-texts", "pictures"):
        (folder / kind).mkdir()
    for number, text in enumerate(corpus.documents(options.passages)):
        (folder / "texts" / f"{number:05}.txt").write_text(text)
    for number, text in enumerate(corpus.documents(options.passages // 5, each=1)):
        (folder / "short-texts" / f"{number:05}.txt").write_text(text)
    for number, picture in enumerate(corpus.pictures(options.pictures)):
        (folder / "pictures" / f"{number:05}.jpg").write_bytes(picture)


def _measure(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in ("texts", "pictures"):
        console.print(f"bare work: {kind}")
        figures[f"bare_{kind}_per_s"] = _bare(kind, folder / kind)
    with (
        Stack(Settings(data=folder / "data", port=0), report=console.print) as stack,
        Client(stack.url, timeout=600) as client,
    ):
        for kind in ("texts", "pictures"):
            console.print(f"whole path: {kind}")
            figures[f"{_plain(kind)}_per_s"] = _ingest(client, kind, folder / kind)
        figures |= _ask(client, options.queries)
        figures |= _memory(stack)
        figures |= _upload(client, stack, options.upload_mb)
    figures["ingest_text_ratio"] = figures["texts_per_s"] / figures["bare_texts_per_s"]
    figures["ingest_image_ratio"] = figures["images_per_s"] / figures["bare_pictures_per_s"]
    figures |= _two_workers(folder)
    return {key: round(value, 3) for key, value in sorted(figures.items())}


def _plain(kind: str) -> str:
    return "images" if kind == "pictures" else kind


def _bare(kind: str, folder: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.bare", kind, str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _ingest(client: Client, collection: str, folder: Path) -> float:
    """Items per second from the first byte sent to the last document ready; models are loaded before."""
    client.create_collection(collection)
    _warm_up(client, collection)
    started = time.perf_counter()
    added = client.add(collection, sorted(folder.iterdir()))
    jobs = client.wait(*added["job_ids"])
    seconds = time.perf_counter() - started
    assert not any(job["failed"] for job in jobs)
    return sum(job["items_done"] for job in jobs) / seconds


def _warm_up(client: Client, collection: str) -> None:
    added = client.add(collection, [Source("warm-up")])
    client.wait(*added["job_ids"])


def _ask(client: Client, count: int) -> dict[str, float]:
    """What a search costs beyond the encoder's and the index's own time, over one kept connection."""
    console.print("queries")
    times: dict[str, list[float]] = {"overhead": [], "encode": [], "index": [], "whole": []}
    for number in range(count + 10):
        started = time.perf_counter()
        took = client.search("texts", f"question number {number} about anything")["took_ms"]
        whole = (time.perf_counter() - started) * 1000
        if number >= 10:
            times["whole"].append(whole)
            times["encode"].append(took["encode"])
            times["index"].append(took["index"])
            times["overhead"].append(whole - took["encode"] - took["index"])
    return {f"query_{name}_ms_p50": statistics.median(values) for name, values in times.items()}


def _memory(stack: Stack) -> dict[str, float]:
    """MB of each process by itself, and of all with their children; pages that are shared count in each."""
    processes = list(_processes(stack))
    alone = {f"{name}_rss_mb": _resident(process) for name, process in processes}
    return alone | {"stack_rss_mb": sum(_family(process) for _, process in processes)}


def _upload(client: Client, stack: Stack, megabytes: int) -> dict[str, float]:
    """How much the API grows while large files come in; they fail later, having too many characters."""
    console.print(f"uploading {megabytes} MB")
    client.create_collection("large")
    api = dict(_processes(stack))["api"]
    before = _resident(api)
    with _watching(api) as seen:
        for number in range(megabytes // 50):
            text = f"{number} " + "samespace " * (5 * MB)
            client.add("large", [Source(text.encode()[: 50 * MB], name=f"{number}.txt")])
    return {"upload_api_growth_mb": max(seen) - before}


@contextmanager
def _watching(process: psutil.Process) -> Iterator[list[float]]:
    seen, done = [_resident(process)], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(_resident(process))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _two_workers(folder: Path) -> dict[str, float]:
    """Two workers of one thread each against one of one thread, over the same passages."""
    rates = []
    for count in (1, 2):
        console.print(f"{count} worker(s) of one thread")
        data = folder / f"data-{count}"
        settings = Settings(data=data, port=0, threads=1, parsers=1, workers=count)
        with Stack(settings) as stack, Client(stack.url, timeout=600) as client:
            rates.append(_ingest(client, "texts", folder / "short-texts"))
    return {"two_workers_ratio": rates[1] / rates[0]}


def _processes(stack: Stack) -> Iterable[tuple[str, psutil.Process]]:
    for file in sorted((stack.settings.data / "run").glob("*.pid")):
        yield file.stem, psutil.Process(int(file.read_text().split()[0]))


def _resident(process: psutil.Process) -> float:
    return process.memory_info().rss / MB


def _family(process: psutil.Process) -> float:
    return sum(_resident(one) for one in [process, *process.children(recursive=True)])


def _print(figures: dict[str, float]) -> None:
    table = Table("figure", "value")
    for key, value in figures.items():
        table.add_row(key, f"{value:,.3f}")
    console.print(table)


if __name__ == "__main__":
    main()
