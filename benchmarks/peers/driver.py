"""What a peer is told, a JSON line each, and what it answers: the same for every peer, in a process of its own.

`{"do": "begin", "name": "lines"}` a new, empty store of that name; the model is loaded and used once
`{"do": "add", "texts": [...]}` texts, embedded by the peer                       -> `{"seconds": 1.2}`
`{"do": "add_vectors", "texts": [...], "vectors": "v.npy"}` texts with their vectors -> `{"seconds": 1.2}`
`{"do": "settle"}` what a store needs to be at its fastest, as its own documents say
`{"do": "ask", "questions": [...]}` each asked by itself for ten texts -> `{"ms": [...], "texts": [[...], ...]}`
`{"do": "about"}`                                                    -> `{"versions": {...}, "threads": 2}`
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

TOP = 10
_COMMON = ("torch", "sentence-transformers")

Answer = dict[str, Any]
Vectors = NDArray[np.float32]


class Peer(Protocol):
    """An embedded store as its own quickstart uses it; `package` is its name on PyPI."""

    package: str

    def __init__(self, model: str, folder: Path) -> None:
        """`model` is the folder of all-MiniLM-L6-v2, `folder` where it may keep things."""

    def begin(self, name: str) -> None:
        """See above."""

    def add(self, texts: Sequence[str]) -> None:
        """See above."""

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> None:
        """See above; rows of unit length."""

    def settle(self) -> None:
        """See above."""

    def ask(self, question: str) -> list[str]:
        """The ten texts that are nearest, best first."""


def serve(kind: Callable[[str, Path], Peer]) -> None:
    """Do what the lines on standard input say: `python -m benchmarks.peers.<name> <model> <folder> [threads]`."""
    answers = _own_output()
    model, folder, *threads = sys.argv[1:]
    if threads:
        import torch

        torch.set_num_threads(int(threads[0]))
    peer = kind(model, Path(folder))
    for line in sys.stdin:
        print(json.dumps(_do(peer, json.loads(line))), file=answers, flush=True)


def _own_output() -> IO[str]:
    """Standard output for answers alone: libraries that print do so to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _do(peer: Peer, told: dict[str, Any]) -> Answer:
    match told["do"]:
        case "begin":
            peer.begin(told["name"])
        case "add":
            return _timed(lambda: peer.add(told["texts"]))
        case "add_vectors":
            vectors = np.load(told["vectors"])
            return _timed(lambda: peer.add_vectors(told["texts"], vectors))
        case "settle":
            peer.settle()
        case "ask":
            return _ask(peer, told["questions"])
        case "about":
            return _about(peer)
        case other:
            raise ValueError(f"a peer is not told to {other!r}")
    return {}


def _timed(work: Callable[[], None]) -> Answer:
    started = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - started}


def _ask(peer: Peer, questions: Sequence[str]) -> Answer:
    times, found = [], []
    for question in questions:
        started = time.perf_counter()
        found.append(peer.ask(question))
        times.append(1000 * (time.perf_counter() - started))
    return {"ms": times, "texts": found}


def _about(peer: Peer) -> Answer:
    import torch

    versions = {name: version(name) for name in (peer.package, *_COMMON)}
    return {"versions": versions, "threads": torch.get_num_threads()}
