"""`python -m benchmarks.no_match`: how often "nothing fits well" is said, of what is there and of what is not.

Passages and pictures apart, in collections of three sizes, with the encoder of preset starter. The material comes from
pinned packages (npm and apt-get are needed), and vectors are kept in the cache: the first run takes a quarter
of an hour, the next a minute.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.no_match.definitions import definitions, encode
from benchmarks.no_match.drawings import TOPICS, drawings
from benchmarks.no_match.judge import Judged, collect, judge, questions_of
from benchmarks.no_match.material import Material, Question
from recipes.starter.judging import shown
from recipes.starter.packages import default_cache
from samespace.core.content import of_texts
from samespace.core.settings import Settings
from samespace.core.types import Vectors
from samespace.encoders.base import Encoder
from samespace.encoders.device import compute_of
from samespace.encoders.presets import STARTER
from samespace.encoders.starter import load
from samespace.learn.evaluate.bootstrap import interval
from search.cohort import GENERIC


def main() -> None:
    """Print a table for each modality and size."""
    wanted = _arguments()
    settings = Settings(good_match=wanted.line) if wanted.line is not None else Settings()
    encoder = load(STARTER, compute_of(settings), settings.models)
    everyday = encoder.encode(of_texts(list(GENERIC)))
    for material in (
        definitions(wanted.cache, encoder, wanted.seed),
        drawings(wanted.cache, encoder, wanted.topic),
    ):
        for size in wanted.sizes:
            _print(material, size, encoder, everyday, settings, wanted.seed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.no_match", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 2000, 20_000])
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--seed", type=int, default=23, help="which definitions, and which items")
    parser.add_argument(
        "--topic", choices=sorted(TOPICS), default="animals", help="left out of the drawings"
    )
    parser.add_argument("--line", type=float, help="instead of the setting good_match")
    return parser.parse_args()


def _print(  # noqa: PLR0917
    material: Material,
    size: int,
    encoder: Encoder,
    everyday: Vectors,
    settings: Settings,
    seed: int,
) -> None:
    collection = collect(material, size, everyday, settings, seed)
    print(f"\n{material.name}, {len(collection.places):,} items\n")
    print(
        "| questions | asked | flagged [95%] | flagged by the former rule |\n| --- | --- | --- | --- |"
    )

    def ask(questions: Sequence[Question]) -> list[Judged]:
        vectors = encode(encoder, [question.text for question in questions])
        return [judge(collection, *each) for each in zip(questions, vectors, strict=True)]

    answered = ask(questions_of(material, size))
    _row("answered, and found among the best ten", [each for each in answered if each.found])
    _row("answered", answered)
    without = {kind: ask(questions) for kind, questions in material.unanswered.items()}
    for kind, judged in without.items():
        _row(f"no answer: {kind}", judged)


def _row(name: str, judged: Sequence[Judged]) -> None:
    now, formerly = (
        interval(np.array([getattr(each, rule) for each in judged], dtype=np.float64), seed=0)
        for rule in ("flagged", "formerly")
    )
    print(f"| {name} | {len(judged)} | {shown(now, 2)} | {shown(formerly, 2)} |", flush=True)


if __name__ == "__main__":
    main()
