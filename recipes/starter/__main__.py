"""`make starter`: the picture tower of preset starter from nothing, judged against ConSE."""

import argparse
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recipes.starter import card, conse, judging, manifest, packages, recipe
from recipes.starter.splits import JUDGED
from samespace.core.progress import Progress
from samespace.core.settings import Settings
from samespace.encoders import sentences
from samespace.encoders.device import compute_of
from samespace.encoders.presets import STARTER
from samespace.encoders.starter import TOWER_FILE, load, text_folder
from samespace.learn.pairs import Pair, read_pairs
from samespace.learn.progress import estimating

EVERY_SECONDS = 10.0


def main() -> int:
    """Make the tower, judge it, write the card; the exit status."""
    wanted = _arguments()
    settings = Settings(device="cpu", precision="float32")
    compute = compute_of(settings)
    report = estimating(_lines())
    made: dict[str, object] = {}
    if not wanted.judge_only:
        texts = sentences.load(STARTER, compute, text_folder())
        made = recipe.make(wanted.cache, TOWER_FILE, texts, recipe.PLAN, report).as_dict()
    encoder = load(STARTER, compute, settings.models)
    sets = _sets(wanted.cache, wanted.samples)
    compared = judging.compare(sets, encoder, conse.teacher(), report)
    data = (wanted.cache / manifest.NOTES_FILE).read_text()
    card.write(wanted.card, data, made, compared)
    sys.stdout.write(judging.table(compared, "recall@10"))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make starter", description=__doc__)
    parser.add_argument("--cache", type=Path, default=packages.default_cache())
    parser.add_argument("--samples", type=Path, default=Path("samples"))
    parser.add_argument("--card", type=Path, default=Path("docs/models/starter.md"))
    parser.add_argument("--judge-only", action="store_true", help="judge the tower that is there")
    return parser.parse_args()


def _sets(cache: Path, samples: Path) -> dict[str, list[Pair]]:
    """The three judged splits, and the photographs and drawings of the samples."""
    pairs = recipe.pairs_of(cache)
    sets = {name: [pair for pair in pairs if pair.split == name] for name in JUDGED}
    ours = read_pairs(samples / "captions.csv").good
    for name, kind in (("photographs", "photo"), ("sample drawings", "drawing")):
        # the kind is no group: a giraffe is not the answer to a castle
        sets[name] = [replace(pair, group="") for pair in ours if pair.group == kind]
    return sets


def _lines() -> Callable[[Progress], None]:
    """A line on stderr now and then: what is done, how far, how long it will take."""
    last = 0.0

    def show(seen: Progress) -> None:
        nonlocal last
        if time.monotonic() - last < EVERY_SECONDS and seen.done < seen.total:
            return
        last = time.monotonic()
        left = "" if seen.seconds_left is None else f", {seen.seconds_left:.0f} s left"
        now = time.strftime("%H:%M:%S")
        sys.stderr.write(f"{now} {seen.stage}: {seen.done} of {seen.total}{left}\n")
        sys.stderr.flush()

    return show


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main())
