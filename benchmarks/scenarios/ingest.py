"""Ingest: small documents, passages, pictures, both mixed; from the first byte sent to the last document ready."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import corpus
from benchmarks.figures import Figure, ratio
from benchmarks.scenarios.bench import Bench, console
from samespace.client import Source

_PASSAGES_EACH = 25
_BARE = {"passages": "texts", "small documents": "texts", "pictures": "pictures"}
_AIMS = {"pictures": ">= 0.85"}


def measure(bench: Bench) -> Iterator[Figure]:
    """Items a second of each kind, and how many times the bare work that is."""
    folder = bench.folder / "ingest"
    for kind, sources in _material(folder, bench).items():
        console.print(f"ingest: {kind}")
        pace, processor = _ingest(kind, sources, bench)
        yield Figure(f"ingest/{kind}", pace, "items/s")
        yield Figure(f"ingest/{kind}, processor", processor, "ms/item")
        if kind in _BARE:
            bare = bare_pace(_BARE[kind], folder / kind)
            yield Figure(f"ingest/{kind}, bare work", bare, "items/s")
            aim = _AIMS.get(kind, "")
            yield Figure(f"ingest/{kind} to bare work", ratio(pace, bare), "times", aim)


def accept(bench: Bench) -> Iterator[Figure]:
    """Accepting alone: the collection is paused, so that no worker is busy beside it."""
    console.print("accepting")
    name = bench.collection("accept")
    bench.client.pause(name)
    lines = corpus.lines(bench.options.accept, seed=1)
    before, started = bench.processor_seconds("api"), time.perf_counter()
    bench.client.add(name, [Source(line) for line in lines])
    seconds = time.perf_counter() - started
    processor = bench.processor_seconds("api") - before
    bench.client.delete_collection(name)
    yield Figure("accept/small document", 1000 * seconds / len(lines), "ms", "<= 3")
    yield Figure("accept/small document, processor", 1000 * processor / len(lines), "ms")


def _material(folder: Path, bench: Bench) -> dict[str, Sequence[Source]]:
    """The documents of each kind; those that the bare work needs as files lie in a folder of the kind's name."""
    options = bench.options
    lines = corpus.lines(options.small)
    texts = corpus.documents(options.passages, each=min(_PASSAGES_EACH, options.passages))
    write_files(folder / "small documents", [line.encode() for line in lines], "txt")
    write_files(folder / "passages", [text.encode() for text in texts], "txt")
    pictures = write_files(folder / "pictures", list(corpus.pictures(options.pictures)), "jpg")
    others = list(corpus.pictures(options.pictures // 2, seed=1))
    mixed = zip(corpus.passages(options.pictures // 2, seed=1), others, strict=True)
    return {
        "small documents": [Source(line) for line in lines],
        "passages": [Source(text) for text in texts],
        "pictures": [Source(file) for file in pictures],
        "texts and pictures mixed": [
            source
            for number, (text, picture) in enumerate(mixed)
            for source in (Source(text), Source(picture, name=f"{number}.jpg"))
        ],
    }


def write_files(folder: Path, contents: Sequence[bytes], suffix: str) -> list[Path]:
    folder.mkdir(parents=True)
    files = [folder / f"{number:05}.{suffix}" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    return files


def _ingest(kind: str, sources: Sequence[Source], bench: Bench) -> tuple[float, float]:
    """Items a second, and milliseconds of processor time of the whole stack for each."""
    name = bench.collection(f"ingest-{kind.replace(' ', '-')}")
    before, started = bench.processor_seconds(), time.perf_counter()
    added = bench.client.add(name, sources)
    jobs = bench.client.wait(*added["job_ids"])
    seconds = time.perf_counter() - started
    processor = bench.processor_seconds() - before
    assert not any(job["failed"] for job in jobs)
    items = sum(job["items_done"] for job in jobs)
    return items / seconds, 1000 * processor / items


def bare_pace(kind: str, folder: Path) -> float:
    """Items a second of the bare work over the files of a folder, beside an idle stack, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bare", kind, str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
