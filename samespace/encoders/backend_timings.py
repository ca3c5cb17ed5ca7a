"""Which way bulk texts are encoded faster on this CPU: measured once, and kept beside the export."""

import hashlib
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from samespace.core.settings import Settings
from samespace.core.types import Vectors
from samespace.encoders.device import Compute, compute_of, threads_of

# What is timed: a batch of passages and a batch of lines, as the batcher makes them.
_PASSAGE = (
    "The keeper of the lighthouse wrote down each ship that passed, its flag and its course. " * 9
)
_LINE = "a wooden boat on a lake in the evening"
_BATCHES = ([_PASSAGE] * 4, [_LINE] * 32)
_ROUNDS = 5
# An export has to be that much faster, so that noise does not decide.
_WORTH = 0.95


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds that the same batches take exported, and in torch, both in float32."""

    exported: float
    torch: float

    @property
    def exported_is_faster(self) -> bool:
        """Whether bulk is better done by the export."""
        return self.exported < _WORTH * self.torch


def needs_timing(place: Path, settings: Settings) -> bool:
    """Whether bulk could go either way here, and nobody has measured which."""
    is_open = compute_of(settings) == Compute("cpu", "float32")
    return is_open and read_timings(place, threads_of(settings)) is None


def time_backends(
    exported: Callable[[Sequence[str]], Vectors], torch: Callable[[Sequence[str]], Vectors]
) -> Timings:
    """Time both in turn and take the best round of each, since others use the machine meanwhile."""
    return Timings(
        *(sum(map(min, rounds)) for rounds in zip(*_rounds(exported, torch), strict=True))
    )


def read_timings(place: Path, threads: int) -> Timings | None:
    """What was measured on this CPU with as many threads; None if nothing was."""
    with suppress(OSError, ValueError, TypeError):
        return Timings(**json.loads(_file(place, threads).read_text()))
    return None


def write_timings(place: Path, threads: int, timings: Timings) -> None:
    """Keep it, in one step; OSError if the disk does not take it."""
    with tempfile.NamedTemporaryFile("w", dir=place, delete=False) as file:
        json.dump(asdict(timings), file)
    Path(file.name).replace(_file(place, threads))


def _rounds(*ways: Callable[[Sequence[str]], Vectors]) -> list[list[list[float]]]:
    """Seconds by batch, way and round."""
    for way in ways:
        for batch in _BATCHES:
            way(batch)
    return [
        [
            list(each)
            for each in zip(
                *([_seconds(way, batch) for way in ways] for _ in range(_ROUNDS)), strict=True
            )
        ]
        for batch in _BATCHES
    ]


def _seconds(way: Callable[[Sequence[str]], Vectors], batch: Sequence[str]) -> float:
    began = time.perf_counter()
    way(batch)
    return time.perf_counter() - began


def _file(place: Path, threads: int) -> Path:
    mark = hashlib.sha256(f"{_cpu()} {os.cpu_count()} {threads}".encode()).hexdigest()
    return place / f"paces-{mark[:12]}.json"


def _cpu() -> str:
    """The CPU by name and abilities."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return " ".join(
            dict.fromkeys(
                line for line in lines if line.startswith(("model name", "flags", "Features"))
            )
        )
    return f"{platform.machine()} {platform.processor()}"
