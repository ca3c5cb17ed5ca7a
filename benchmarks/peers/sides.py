"""The sides of `make bench-peers`: this project, each peer, and the bare encoder, all asked through one interface."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from benchmarks.chaos.stack import Running
from benchmarks.scenarios.calm import wait_until_calm
from benchmarks.scenarios.fill import fingerprint_of, know
from samespace.client import Client, Source
from samespace.core.types import Vectors
from samespace.encoders.starter import text_folder

PROJECT = "samespace"
BARE = "bare"
PEERS = ("txtai", "chroma", "lancedb")
ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
_PASSAGES_EACH = 25
_STOP_SECONDS = 60.0
_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Milliseconds of each question, and the ten texts that each found."""

    ms: list[float]
    texts: list[list[str]]


class Side(Protocol):
    """Who is measured. Texts added under a name are asked for until the next name is begun."""

    def begin(self, name: str) -> None:
        """A new, empty store; models are loaded."""

    def add(self, texts: Sequence[str]) -> float:
        """Add texts, each by itself; seconds until they can be found."""

    def add_passages(self, texts: Sequence[str]) -> float:
        """Add the passages of longer documents, as this side would get them; seconds."""

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> float:
        """Add texts whose vectors are known; seconds."""

    def settle(self, seconds: float) -> None:
        """Whatever makes questions quicker than right after adding."""

    def ask(self, questions: Sequence[str]) -> Asked:
        """Each question by itself, one after the other."""

    def about(self) -> dict[str, Any]:
        """Versions, and how many threads its encoder has."""


@contextmanager
def opened(name: str, folder: Path, threads: int | None) -> Iterator[Side]:
    """A side on an empty folder; `threads` None: as many as it takes by itself."""
    folder.mkdir(parents=True)
    opens: Callable[..., AbstractContextManager[Side]] = _ours if name == PROJECT else _theirs
    with opens(name, folder, threads) as side:
        yield side


@contextmanager
def _theirs(name: str, folder: Path, threads: int | None) -> Iterator[Side]:
    few = {"OMP_NUM_THREADS": str(threads)} if threads else {}
    command = [str(PYTHON), "-m", f"benchmarks.peers.{name}", str(text_folder()), str(folder)]
    with (folder / "peer.log").open("wb") as log:
        process = subprocess.Popen(
            command + ([str(threads)] if threads else []),
            cwd=ROOT,
            env=os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)} | few,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield _Peer(process, folder)
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(frozen=True, slots=True)
class _Peer:
    """A peer behind its driver, see `benchmarks.peers.driver`."""

    process: subprocess.Popen[str]
    folder: Path

    def begin(self, name: str) -> None:
        self._tell(do="begin", name=name)

    def add(self, texts: Sequence[str]) -> float:
        return float(self._tell(do="add", texts=list(texts))["seconds"])

    def add_passages(self, texts: Sequence[str]) -> float:
        """Peers do not cut: they are given passages."""
        return self.add(texts)

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> float:
        file = self.folder / "vectors.npy"
        np.save(file, vectors)
        told = self._tell(do="add_vectors", texts=list(texts), vectors=str(file))
        return float(told["seconds"])

    def settle(self, seconds: float) -> None:
        self._tell(do="settle")
        time.sleep(seconds)

    def ask(self, questions: Sequence[str]) -> Asked:
        told = self._tell(do="ask", questions=list(questions))
        return Asked(told["ms"], told["texts"])

    def about(self) -> dict[str, Any]:
        return self._tell(do="about")

    def _tell(self, **told: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(told) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            log = (self.folder / "peer.log").read_text(errors="replace")
            raise RuntimeError(f"{self.process.args!r} ended at {told['do']}:\n{log[-2000:]}")
        found: dict[str, Any] = json.loads(answer)
        return found


@contextmanager
def _ours(_name: str, folder: Path, threads: int | None) -> Iterator[Side]:
    few = {"SAMESPACE_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)} if threads else {}
    stack = Running(folder, few | {"SAMESPACE_PRESET": "starter"})
    try:
        stack.start()
        stack.wait_until_ready()
        with closing(Client(stack.url, timeout=_TIMEOUT, patience=_TIMEOUT)) as client:
            yield _Project(stack, client, threads)
    finally:
        stack.stop()


@dataclass(slots=True)
class _Project:
    """The whole embedded stack, by its Python client."""

    stack: Running
    client: Client
    threads: int | None
    _name: str = field(default="")

    def begin(self, name: str) -> None:
        self._name = name
        self.client.create_collection(name)
        self._add([Source("warm")])
        self.client.search(name, "warm")
        ids = [document["id"] for document in self.client.documents(name)["documents"]]
        self.client.delete(name, ids=ids)
        wait_until_calm(self.stack)

    def add(self, texts: Sequence[str]) -> float:
        return self._add([Source(text) for text in texts])

    def add_passages(self, texts: Sequence[str]) -> float:
        """Documents of 25 passages, which it cuts by itself."""
        starts = range(0, len(texts), _PASSAGES_EACH)
        return self._add([Source("\n\n".join(texts[at : at + _PASSAGES_EACH])) for at in starts])

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> float:
        """By its own way in, with the vectors in its vector cache."""
        know(texts, vectors, fingerprint_of(self._name, self.client), self.stack.data)
        return self.add(texts)

    def settle(self, seconds: float) -> None:
        time.sleep(seconds)

    def ask(self, questions: Sequence[str]) -> Asked:
        times, found = [], []
        for question in questions:
            started = time.perf_counter()
            hits = self.client.search(self._name, question)["hits"]
            times.append(1000 * (time.perf_counter() - started))
            found.append([hit["text"] or "" for hit in hits])
        return Asked(times, found)

    def about(self) -> dict[str, Any]:
        return {"threads": self.threads or os.cpu_count()}

    def _add(self, sources: Sequence[Source]) -> float:
        started = time.perf_counter()
        added = self.client.add(self._name, sources)
        jobs = self.client.wait(*added["job_ids"])
        seconds = time.perf_counter() - started
        assert not any(job["failed"] for job in jobs)
        return seconds
