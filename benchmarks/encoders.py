"""What encoding costs on this CPU, each way: `python -m benchmarks.encoders [rounds]` prints milliseconds.

Wall time as the median and the least of all rounds, processor time as the median. The ways take turns, so that what
else the machine does meets all of them. An export that is not there yet is made first.
"""

import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from samespace.core.content import of_texts
from samespace.core.settings import Settings, read_settings
from samespace.core.types import Vectors
from samespace.encoders.base import Encoder
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.device import has_native_bfloat16
from samespace.encoders.export import export
from samespace.encoders.exported import ExportedTexts
from samespace.encoders.load import encoder_for_service, load_encoder
from samespace.encoders.places import place_of
from samespace.encoders.presets import STARTER

Way = Callable[[Sequence[str]], Vectors]

QUESTIONS = (
    "a temple beside a lake",
    "how do vector databases find neighbours",
    "red flower",
    "who wrote the letter to the mayor",
    "contract about heating costs in 2021",
    "the dog sleeps under the table",
)
PASSAGE = (
    "The keeper of the lighthouse wrote down each ship that passed, its flag and its course. " * 9
)
ROUNDS = 40
MILLISECONDS = 1000


def main() -> None:
    """Print a table for one question, 32 lines and 4 passages."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    settings = read_settings(device="cpu")
    ways = _ways(settings)
    print(f"{'milliseconds':28}{'what':14}{'median':>9}{'least':>9}{'cpu':>9}")
    _measure("one question", ways, lambda at: [f"{QUESTIONS[at % 6]} {at}"], rounds)
    bulk = {name: way for name, way in ways.items() if "batcher" not in name}
    _measure(
        "32 lines",
        bulk,
        lambda at: [f"{line} {at}" for line in QUESTIONS * 5 + QUESTIONS[:2]],
        rounds // 4,
    )
    _measure("4 passages", bulk, lambda at: [f"{PASSAGE} {at}"] * 4, rounds // 4)


def _ways(settings: Settings) -> dict[str, Way]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(STARTER, settings)
    place = place_of(STARTER, settings.models)
    assert place is not None
    ways: dict[str, Way] = {}
    for precision in ("float32", "bfloat16") if has_native_bfloat16() else ("float32",):
        exact = settings.model_copy(update={"precision": precision})
        ways[f"torch {precision}"] = _in_torch(load_encoder(STARTER, exact))
    for threads in range(1, (os.cpu_count() or 1) + 1):
        ways[f"exported, {threads} threads"] = ExportedTexts(place, STARTER, threads).encode
    batched = BatchedEncoder(encoder_for_service(STARTER, settings), settings.batch_size)
    ways["a service, by the batcher"] = lambda texts: batched.encode(
        of_texts(texts), interactive=True
    )
    return ways


def _in_torch(encoder: Encoder) -> Way:
    return lambda texts: encoder.encode(of_texts(texts))


def _measure(
    what: str, ways: Mapping[str, Way], texts: Callable[[int], Sequence[str]], rounds: int
) -> None:
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for at in range(rounds + 1):
        for name, way in ways.items():
            took[name].append(_timed(way, texts(at)))
    for name, each in took.items():
        wall, cpu = zip(*each[1:], strict=True)  # the first round makes buffers
        print(f"{name:28}{what:14}{median(wall):9.2f}{min(wall):9.2f}{median(cpu):9.2f}")


def _timed(way: Way, texts: Sequence[str]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    way(texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return MILLISECONDS * wall, MILLISECONDS * cpu


if __name__ == "__main__":
    main()
