"""`make bench-peers`: this project, txtai, Chroma, LanceDB and the bare encoder on the same data and weights.

Each side is run by itself, one after the other, `--rounds` times over, and what is shown are medians of the rounds
and ratios to the best peer. Status 1 where a side finds fewer than others of the texts that the questions were taken
from: it answers another question, however quickly.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks import corpus
from benchmarks.figures import machine, machine_line
from benchmarks.peers.shown import Measured, as_json, poor_in, summary_of, table_of
from benchmarks.peers.sides import BARE, PEERS, PROJECT, PYTHON, Asked, Side, opened
from benchmarks.scenarios.fill import noisy
from samespace.core.types import Vectors
from samespace.encoders.starter import text_folder

_WARM = 5
_BASES = 1000
_LARGE = 100_000
console = Console(width=160)


def main() -> int:
    """Measure, print the table, write peers.json."""
    options = options_of(sys.argv[1:])
    if not PYTHON.exists():
        raise SystemExit(f"{PYTHON} is not there: `make bench-peers` makes it")
    about = machine()
    console.print(machine_line(about))
    measured: list[Measured] = []
    about["sides"] = {}
    data = _data_of(options)
    with tempfile.TemporaryDirectory(prefix="samespace-peers-") as folder:
        for turn in range(options.rounds):
            for name in options.sides:
                console.print(f"round {turn + 1} of {options.rounds}: {name}")
                with opened(name, Path(folder) / f"{turn}-{name}", options.threads) as side:
                    measured += _measure(name, side, data, options)
                    about["sides"][name] = side.about()
    _write(options, about, measured)
    console.print(machine_line(about), table_of(summary_of(measured)))
    for name, each in about["sides"].items():
        console.print(f"{name}: {each}", style="dim", highlight=False)
    poor = poor_in(summary_of(measured))
    for each in poor:
        console.print(f"its figures say nothing: {each}")
    return 1 if poor else 0


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """What is to be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    sides = (PROJECT, *PEERS, BARE)
    add("--sides", nargs="+", choices=sides, default=sides, help="who is measured")
    add("--lines", type=int, default=3000, help="short lines, each a document")
    add("--passages", type=int, default=600, help="passages of about 800 characters")
    add("--rows", nargs="*", type=int, default=[10_000], help="rows with vectors made beforehand")
    add("--large", action="store_true", help="also 100,000 rows")
    add("--questions", type=int, default=40, help="questions of each kind, after a warm-up")
    add("--rounds", type=int, default=3, help="how often every side is run")
    add("--rest", type=float, default=15, help="seconds of rest until a side is settled")
    add("--threads", type=int, help="CPU threads of every side's encoder; without, as each comes")
    add("--out", type=Path, default=Path("peers.json"), help="where the figures go")
    return parser.parse_args(arguments)


@dataclass(frozen=True, slots=True)
class _Data:
    """What every side is given: lines and passages as texts, rows as texts with vectors by their number."""

    lines: list[str]
    passages: list[str]
    rows: dict[int, tuple[list[str], Vectors]]


def _data_of(options: argparse.Namespace) -> _Data:
    lines = corpus.lines(options.lines)
    counts = [*options.rows, *([_LARGE] if options.large else [])]
    bases = lines[:_BASES]
    vectors = _embedded(bases) if counts else np.zeros((0, 0), np.float32)
    rows = {count: _rows(count, bases, vectors) for count in counts}
    return _Data(lines, corpus.passages(options.passages), rows)


def _embedded(texts: Sequence[str]) -> Vectors:
    """By the same weights; the vectors are given to every side alike."""
    from sentence_transformers import SentenceTransformer

    console.print(f"embedding {len(texts)} lines")
    return np.asarray(SentenceTransformer(str(text_folder())).encode(list(texts)), np.float32)


def _rows(count: int, bases: Sequence[str], vectors: Vectors) -> tuple[list[str], Vectors]:
    """The lines with their vectors, and variants of them with vectors near those, so many altogether."""
    texts = [
        corpus.varied(bases[row % len(bases)], row) if row >= len(bases) else bases[row]
        for row in range(count)
    ]
    near = noisy(vectors[np.arange(count) % len(bases)], seed=count)
    near[: len(bases)] = vectors[:count]
    return texts, near


def _measure(name: str, side: Side, data: _Data, options: argparse.Namespace) -> list[Measured]:
    """One side through all data."""
    side.begin("lines")
    pace = len(data.lines) / side.add(data.lines)
    done = [_asked(side, data.lines, options, name=name, data="lines", pace=pace)]
    side.begin("passages")
    pace = len(data.passages) / side.add_passages(data.passages)
    done.append(_asked(side, data.passages, options, name=name, data="passages", pace=pace))
    for count, (texts, vectors) in data.rows.items():
        side.begin(f"rows{count}")
        seconds = side.add_vectors(texts, vectors)
        pace = 0.0 if name == BARE else count / seconds  # it keeps nothing
        done.append(
            _asked(side, texts[:_BASES], options, name=name, data=f"{count:,} rows", pace=pace)
        )
    return done


def _asked(
    side: Side,
    texts: Sequence[str],
    options: argparse.Namespace,
    *,
    name: str,
    data: str,
    pace: float,
) -> Measured:
    """The same questions to every side, none of them twice: each is about a text of its own."""
    about = _spread(texts, 2 * options.questions + _WARM)
    first, rest = about[: options.questions], about[options.questions :]
    right_after = _ask(side, first)
    side.settle(options.rest)
    _ask(side, rest[:_WARM])
    settled = _ask(side, rest[_WARM:])
    found = _found(first, right_after) + _found(rest[_WARM:], settled)
    return Measured(name, data, pace, right_after.ms, settled.ms, found / (2 * options.questions))


def _spread(texts: Sequence[str], count: int) -> list[str]:
    """So many of the texts, from all over them; over again where they are too few."""
    return [texts[place * len(texts) // count % len(texts)] for place in range(count)]


def _ask(side: Side, about: Sequence[str]) -> Asked:
    return side.ask([corpus.question_about(text) for text in about])


def _found(about: Sequence[str], asked: Asked) -> int:
    """How many of the questions found what they were about, or a part of it."""
    return sum(
        any(text and (text in wanted or wanted in text) for text in texts)
        for wanted, texts in zip(about, asked.texts, strict=True)
    )


def _write(
    options: argparse.Namespace, about: dict[str, Any], measured: Sequence[Measured]
) -> None:
    asked = {key: value for key, value in vars(options).items() if key != "out"}
    told = {"machine": about, "options": asked, **as_json(measured)}
    options.out.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
